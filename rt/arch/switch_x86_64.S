/* SPDX-License-Identifier: MIT */
#if defined(__x86_64__)
	.text

/* void rt_switch(void **from, void *to) */
	.globl	rt_switch
	.hidden	rt_switch
	.type	rt_switch, @function
rt_switch:
	.cfi_startproc
	pushq	%rbp
	pushq	%rbx
	pushq	%r12
	pushq	%r13
	pushq	%r14
	pushq	%r15
	movq	%rsp, (%rdi)
	movq	%rsi, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	ret
	.cfi_endproc
	.size	rt_switch, .-rt_switch

/* The first thing that runs on a new stack: r12 is the argument, r13 the function.  The frame
 * pointer is 0 and the return address unknown, so that every unwinder stops here. */
	.globl	rt_switch_entry
	.hidden	rt_switch_entry
	.type	rt_switch_entry, @function
rt_switch_entry:
	.cfi_startproc
	.cfi_undefined rip
	movq	%r12, %rdi
	call	*%r13
	ud2
	.cfi_endproc
	.size	rt_switch_entry, .-rt_switch_entry
#endif
	.section .note.GNU-stack, "", @progbits

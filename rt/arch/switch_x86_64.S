/* SPDX-License-Identifier: MIT */
#if defined(__x86_64__)
	.text

/* The first thing that runs on a new stack, which has the argument and the function.  The frame
 * pointer is 0 and the return address unknown, so that every unwinder stops here. */
	.globl	rt_switch_entry
	.hidden	rt_switch_entry
	.type	rt_switch_entry, @function
rt_switch_entry:
	.cfi_startproc
	.cfi_personality 0x1b, rt_personality
	.cfi_undefined rip
	popq	%rdi
	popq	%rax
	call	*%rax
	ud2
	.cfi_endproc
	.size	rt_switch_entry, .-rt_switch_entry

/* int rt_call(void **sp, void (*fn)(void *), void *arg): call fn(arg); 0 when it returned, 1 when
 * rt_cut(*sp) came back here.  Keeps what a caller expects to be kept. */
	.globl	rt_call
	.hidden	rt_call
	.type	rt_call, @function
rt_call:
	.cfi_startproc
	.cfi_personality 0x1b, rt_personality
	pushq	%rbp
	.cfi_def_cfa_offset 16
	.cfi_offset rbp, -16
	movq	%rsp, %rbp
	.cfi_def_cfa_register rbp
	pushq	%rbx
	.cfi_offset rbx, -24
	pushq	%r12
	.cfi_offset r12, -32
	pushq	%r13
	.cfi_offset r13, -40
	pushq	%r14
	.cfi_offset r14, -48
	pushq	%r15
	.cfi_offset r15, -56
	subq	$8, %rsp
	movq	%rsp, (%rdi)
	movq	%rdx, %rdi
	call	*%rsi
	xorl	%eax, %eax
.Lback:
	addq	$8, %rsp
	popq	%r15
	popq	%r14
	popq	%r13
	popq	%r12
	popq	%rbx
	popq	%rbp
	.cfi_def_cfa rsp, 8
	ret
	.cfi_endproc
	.size	rt_call, .-rt_call

/* void rt_cut(void *sp) */
	.globl	rt_cut
	.hidden	rt_cut
	.type	rt_cut, @function
rt_cut:
	.cfi_startproc
	movq	%rdi, %rsp
	movl	$1, %eax
	jmp	.Lback
	.cfi_endproc
	.size	rt_cut, .-rt_cut
#endif
	.section .note.GNU-stack, "", @progbits

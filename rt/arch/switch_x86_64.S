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
	.cfi_undefined rip
	popq	%rdi
	popq	%rax
	call	*%rax
	ud2
	.cfi_endproc
	.size	rt_switch_entry, .-rt_switch_entry
#endif
	.section .note.GNU-stack, "", @progbits

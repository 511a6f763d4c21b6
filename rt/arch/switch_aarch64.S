/* SPDX-License-Identifier: MIT */
#if defined(__aarch64__)
	.text

/* void rt_switch(void **from, void *to) */
	.globl	rt_switch
	.hidden	rt_switch
	.type	rt_switch, %function
rt_switch:
	.cfi_startproc
	sub	sp, sp, #176
	stp	x19, x20, [sp]
	stp	x21, x22, [sp, #16]
	stp	x23, x24, [sp, #32]
	stp	x25, x26, [sp, #48]
	stp	x27, x28, [sp, #64]
	stp	x29, x30, [sp, #80]
	stp	d8, d9, [sp, #96]
	stp	d10, d11, [sp, #112]
	stp	d12, d13, [sp, #128]
	stp	d14, d15, [sp, #144]
	mov	x9, sp
	str	x9, [x0]
	mov	sp, x1
	ldp	x19, x20, [sp]
	ldp	x21, x22, [sp, #16]
	ldp	x23, x24, [sp, #32]
	ldp	x25, x26, [sp, #48]
	ldp	x27, x28, [sp, #64]
	ldp	x29, x30, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	add	sp, sp, #176
	ret
	.cfi_endproc
	.size	rt_switch, .-rt_switch

/* The first thing that runs on a new stack: x19 is the argument, x20 the function.  The frame
 * pointer is 0 and the return address unknown, so that every unwinder stops here. */
	.globl	rt_switch_entry
	.hidden	rt_switch_entry
	.type	rt_switch_entry, %function
rt_switch_entry:
	.cfi_startproc
	.cfi_undefined x30
	mov	x0, x19
	mov	x30, #0
	blr	x20
	brk	#1
	.cfi_endproc
	.size	rt_switch_entry, .-rt_switch_entry
#endif
	.section .note.GNU-stack, "", @progbits

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
	.cfi_personality 0x1b, rt_personality
	.cfi_undefined x30
	mov	x0, x19
	mov	x30, #0
	blr	x20
	brk	#1
	.cfi_endproc
	.size	rt_switch_entry, .-rt_switch_entry

/* int rt_call(void **sp, void (*fn)(void *), void *arg): call fn(arg); 0 when it returned, 1 when
 * rt_cut(*sp) came back here.  Keeps what a caller expects to be kept. */
	.globl	rt_call
	.hidden	rt_call
	.type	rt_call, %function
rt_call:
	.cfi_startproc
	.cfi_personality 0x1b, rt_personality
	stp	x29, x30, [sp, #-160]!
	.cfi_def_cfa_offset 160
	.cfi_offset x29, -160
	.cfi_offset x30, -152
	mov	x29, sp
	stp	x19, x20, [sp, #16]
	.cfi_offset x19, -144
	.cfi_offset x20, -136
	stp	x21, x22, [sp, #32]
	.cfi_offset x21, -128
	.cfi_offset x22, -120
	stp	x23, x24, [sp, #48]
	.cfi_offset x23, -112
	.cfi_offset x24, -104
	stp	x25, x26, [sp, #64]
	.cfi_offset x25, -96
	.cfi_offset x26, -88
	stp	x27, x28, [sp, #80]
	.cfi_offset x27, -80
	.cfi_offset x28, -72
	stp	d8, d9, [sp, #96]
	.cfi_offset d8, -64
	.cfi_offset d9, -56
	stp	d10, d11, [sp, #112]
	.cfi_offset d10, -48
	.cfi_offset d11, -40
	stp	d12, d13, [sp, #128]
	.cfi_offset d12, -32
	.cfi_offset d13, -24
	stp	d14, d15, [sp, #144]
	.cfi_offset d14, -16
	.cfi_offset d15, -8
	mov	x9, sp
	str	x9, [x0]
	mov	x0, x2
	blr	x1
	mov	w0, #0
.Lback:
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	d8, d9, [sp, #96]
	ldp	d10, d11, [sp, #112]
	ldp	d12, d13, [sp, #128]
	ldp	d14, d15, [sp, #144]
	ldp	x29, x30, [sp], #160
	.cfi_def_cfa_offset 0
	ret
	.cfi_endproc
	.size	rt_call, .-rt_call

/* void rt_cut(void *sp) */
	.globl	rt_cut
	.hidden	rt_cut
	.type	rt_cut, %function
rt_cut:
	.cfi_startproc
	mov	sp, x0
	mov	w0, #1
	b	.Lback
	.cfi_endproc
	.size	rt_cut, .-rt_cut
#endif
	.section .note.GNU-stack, "", @progbits

/* Switching between the stacks of fibers, in machine code because nothing else
 * does it without a system call.
 *
 *     void ds__context_switch(void **save, void *load);
 *
 * pushes what a called function must preserve, stores the stack pointer in
 * *save, takes load for it, pops the same and returns, on the other stack.
 * What a fresh stack must hold is laid out in context.c.
 *
 * On x86-64 the modes of floating point lie below the stack pointer, in the 128
 * bytes that nobody but the function itself may touch, not even a signal.  And
 * it returns by a jump: a ret would go by the processor's record of
 * calls, which is that of the other stack, and be predicted wrongly each time.
 * That halves the cost of a switch. */

#if defined(__x86_64__) && defined(__ELF__)

    .text
    .globl  ds__context_switch
    .hidden ds__context_switch
    .type   ds__context_switch, @function
    .p2align 4
ds__context_switch:
    pushq   %rbp
    pushq   %rbx
    pushq   %r12
    pushq   %r13
    pushq   %r14
    pushq   %r15
    stmxcsr -8(%rsp)
    fnstcw  -4(%rsp)
    movq    %rsp, (%rdi)
    movq    %rsi, %rsp
    ldmxcsr -8(%rsp)
    fldcw   -4(%rsp)
    popq    %r15
    popq    %r14
    popq    %r13
    popq    %r12
    popq    %rbx
    popq    %rbp
    popq    %rcx
    jmpq    *%rcx
    .size   ds__context_switch, . - ds__context_switch

/* Where a fresh stack returns to: r12 has the function, r13 its argument, and
 * the zero above stops debuggers that walk the stack. */
    .globl  ds__context_entry
    .hidden ds__context_entry
    .type   ds__context_entry, @function
    .p2align 4
ds__context_entry:
    .cfi_startproc
    .cfi_undefined rip
    movq    %r13, %rdi
    callq   *%r12
    ud2
    .cfi_endproc
    .size   ds__context_entry, . - ds__context_entry

#elif defined(__aarch64__) && defined(__ELF__)

    .text
    .globl  ds__context_switch
    .hidden ds__context_switch
    .type   ds__context_switch, %function
    .p2align 4
ds__context_switch:
    sub     sp, sp, #176
    stp     x19, x20, [sp, #0]
    stp     x21, x22, [sp, #16]
    stp     x23, x24, [sp, #32]
    stp     x25, x26, [sp, #48]
    stp     x27, x28, [sp, #64]
    stp     x29, x30, [sp, #80]
    stp     d8, d9, [sp, #96]
    stp     d10, d11, [sp, #112]
    stp     d12, d13, [sp, #128]
    stp     d14, d15, [sp, #144]
    mrs     x10, fpcr
    str     x10, [sp, #160]
    mov     x9, sp
    str     x9, [x0]
    mov     sp, x1
    ldp     x19, x20, [sp, #0]
    ldp     x21, x22, [sp, #16]
    ldp     x23, x24, [sp, #32]
    ldp     x25, x26, [sp, #48]
    ldp     x27, x28, [sp, #64]
    ldp     x29, x30, [sp, #80]
    ldp     d8, d9, [sp, #96]
    ldp     d10, d11, [sp, #112]
    ldp     d12, d13, [sp, #128]
    ldp     d14, d15, [sp, #144]
    ldr     x11, [sp, #160]
    add     sp, sp, #176
    cmp     x10, x11
    b.eq    1f
    msr     fpcr, x11
1:
    ret
    .size   ds__context_switch, . - ds__context_switch

/* x19 has the function, x20 its argument. */
    .globl  ds__context_entry
    .hidden ds__context_entry
    .type   ds__context_entry, %function
    .p2align 4
ds__context_entry:
    .cfi_startproc
    .cfi_undefined x30
    mov     x0, x20
    blr     x19
    brk     #1
    .cfi_endproc
    .size   ds__context_entry, . - ds__context_entry

#endif

#if defined(__ELF__)
    .section .note.GNU-stack, "", %progbits
#endif

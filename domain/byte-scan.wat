;; Finds bytes that a line of JSON may need a closer look at, 16 at a time. scripts/byte-scan.ts makes byte-scan-module.ts of it.
(module
  ;; 320 KiB: a part of a block, and the spaces behind it.
  (memory (export "memory") 5)
  ;; scan(begin, end): address of the first group of 16 that holds a byte below 0x20 other than LF, or a backslash; else the address
  ;; behind the last group, which is `end` when end - begin is a multiple of 16.
  ;; `high` stays as it is unless a byte beyond ASCII was seen, then it is not 0.
  (global $high (export "high") (mut i32) (i32.const 0))
  (func (export "scan") (param $at i32) (param $end i32) (result i32)
    (local $group v128) (local $union v128)
    (block $found
      (loop $next
        (br_if $found (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $group (v128.load (local.get $at)))
        (local.set $union (v128.or (local.get $union) (local.get $group)))
        (br_if $found (v128.any_true (v128.or
          (v128.andnot
            (i8x16.lt_u (local.get $group) (i8x16.splat (i32.const 0x20)))
            (i8x16.eq (local.get $group) (i8x16.splat (i32.const 0x0a))))
          (i8x16.eq (local.get $group) (i8x16.splat (i32.const 0x5c))))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $next)))
    (global.set $high (i32.or (global.get $high) (i8x16.bitmask (local.get $union))))
    (local.get $at)))

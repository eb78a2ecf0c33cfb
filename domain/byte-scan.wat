;; What is done to every byte of a line of JSON, 16 at a time. scripts/byte-scan.ts makes byte-scan-module.ts of it.
(module
  ;; From 0: a part of a block, 256 KiB, and 16 spaces behind it. From 260 KiB: a mark of up to 32 bytes. From 320 KiB: framed lines,
  ;; 256 KiB of them and the begun one, which is no longer than a part.
  (memory (export "memory") 14)

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
    (local.get $at))

  ;; frame(begin, end, room, mark, limit): frames lines that begin with `{"` and end with `}` and a line feed before `end`, as many as
  ;; take up to `room` bytes: the mark in place of the brace, no carriage return. The mark has `mark` bytes and is counted on.
  ;; Answers where the first line begins that is not such a line, or is longer than `limit`, or has no room.
  (global $framed (export "framed") (mut i32) (i32.const 0)) ;; bytes framed by the last call
  (global $lines (export "lines") (mut i32) (i32.const 0))   ;; lines framed by the last call
  (func (export "frame")
    (param $at i32) (param $end i32) (param $room i32) (param $mark i32) (param $limit i32) (result i32)
    (local $group v128) (local $hits i32) (local $digit i32) (local $lines i32)
    (local $out i32) ;; where the next framed line begins
    (local $from i32) (local $to i32)
    (local.set $out (i32.const 0x50000))
    (local.set $room (i32.add (local.get $out) (local.get $room)))
    (block $stop
      (loop $line
        (br_if $stop (i32.ge_u (local.get $at) (local.get $end)))
        (br_if $stop (i32.ne (i32.load16_u (local.get $at)) (i32.const 0x227b)))
        (v128.store (local.get $out) (v128.load (i32.const 0x41000)))
        (v128.store offset=16 (local.get $out) (v128.load offset=16 (i32.const 0x41000)))
        (local.set $from (i32.add (local.get $at) (i32.const 1)))
        (local.set $to (i32.add (local.get $out) (local.get $mark)))
        (loop $copy
          (local.set $group (v128.load (local.get $from)))
          (v128.store (local.get $to) (local.get $group))
          (local.set $hits (i8x16.bitmask (i8x16.eq (local.get $group) (i8x16.splat (i32.const 0x0a)))))
          (if (i32.eqz (local.get $hits))
            (then
              (local.set $from (i32.add (local.get $from) (i32.const 16)))
              (local.set $to (i32.add (local.get $to) (i32.const 16)))
              (br_if $copy (i32.lt_u (local.get $from) (local.get $end)))
              (br $stop))))
        ;; Both to the line feed.
        (local.set $hits (i32.ctz (local.get $hits)))
        (local.set $from (i32.add (local.get $from) (local.get $hits)))
        (local.set $to (i32.add (local.get $to) (local.get $hits)))
        (br_if $stop (i32.ge_u (local.get $from) (local.get $end)))
        (if (i32.eq (i32.load8_u (i32.sub (local.get $to) (i32.const 1))) (i32.const 0x0d))
          (then
            (local.set $to (i32.sub (local.get $to) (i32.const 1)))
            (i32.store8 (local.get $to) (i32.const 0x0a))))
        (br_if $stop (i32.ne (i32.load8_u (i32.sub (local.get $to) (i32.const 1))) (i32.const 0x7d)))
        ;; Without its brace the line has `to` - `out` - `mark` bytes.
        (br_if $stop (i32.ge_u
          (i32.sub (i32.sub (local.get $to) (local.get $out)) (local.get $mark))
          (local.get $limit)))
        (local.set $to (i32.add (local.get $to) (i32.const 1)))
        (br_if $stop (i32.gt_u (local.get $to) (local.get $room)))
        (local.set $out (local.get $to))
        (local.set $at (i32.add (local.get $from) (i32.const 1)))
        (local.set $lines (i32.add (local.get $lines) (i32.const 1)))
        ;; Counts the mark on; its last digit has a comma behind it.
        (local.set $digit (i32.add (i32.const 0x40ffe) (local.get $mark)))
        (loop $carry
          (if (i32.eq (i32.load8_u (local.get $digit)) (i32.const 0x39))
            (then
              (i32.store8 (local.get $digit) (i32.const 0x30))
              (local.set $digit (i32.sub (local.get $digit) (i32.const 1)))
              (br $carry))))
        (i32.store8 (local.get $digit) (i32.add (i32.load8_u (local.get $digit)) (i32.const 1)))
        (br $line)))
    (global.set $framed (i32.sub (local.get $out) (i32.const 0x50000)))
    (global.set $lines (local.get $lines))
    (local.get $at)))

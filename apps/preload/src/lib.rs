//! A wall clock that can be moved, for one server in one container: `LD_PRELOAD` puts this library before the C library.
//!
//! It replaces `clock_gettime`, `gettimeofday` and `time`, asks the kernel itself, and adds the offset it finds in a mapped file: eight bytes,
//! nanoseconds, native order (little endian on every processor it supports). Only the *wall* clock moves, real time and its coarse twin; the
//! monotonic clock stays true, as it does when somebody sets the clock of a real host.
//!
//! There is no standard library here and no allocation: a server's allocator reads the clock while it starts, long before anything could be
//! initialised, and a library that allocates then never returns. What a program hands to the kernel is not translated: an absolute real-time
//! deadline (`pthread_cond_timedwait` on the default clock) is still the kernel's.
//!
//! Its `errno` is the C library's: glibc and musl both export `__errno_location`.
#![no_std]
#![deny(unsafe_op_in_unsafe_fn)]

use core::{
    ffi::{c_int, c_long},
    panic::PanicInfo,
    ptr,
    sync::atomic::{AtomicI64, AtomicPtr, Ordering},
};

/// The sandbox of the node shares its /dev/shm with the server, and writes the offset in place.
const OFFSET_FILE: &[u8] = b"/dev/shm/rehearsal-clock\0";
const PAGE: usize = 4096;
const NANOS: i64 = 1_000_000_000;

const CLOCK_REALTIME: c_int = 0;
const CLOCK_REALTIME_COARSE: c_int = 5;

#[repr(C)]
pub struct Timespec {
    seconds: i64,
    nanos: c_long,
}

#[repr(C)]
pub struct Timeval {
    seconds: i64,
    micros: c_long,
}

#[repr(C)]
pub struct Timezone {
    minutes_west: c_int,
    daylight: c_int,
}

unsafe extern "C" {
    fn __errno_location() -> *mut c_int;
}

/// # Safety
/// As for the C library's function: `time` points to a writable timespec or is not used by the kernel.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn clock_gettime(clock: c_int, time: *mut Timespec) -> c_int {
    let answer = unsafe { call::three(call::CLOCK_GETTIME, clock as usize, time as usize, 0) };
    if answer < 0 {
        unsafe { *__errno_location() = -answer as c_int };
        return -1;
    }
    if clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE {
        let moved = unsafe { nanos_of(&*time) }.saturating_add(offset());
        unsafe { *time = timespec(moved) };
    }
    0
}

/// # Safety
/// As for the C library's function: each pointer is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn gettimeofday(time: *mut Timeval, zone: *mut Timezone) -> c_int {
    let now = now();
    if !time.is_null() {
        unsafe { *time = Timeval { seconds: now.seconds, micros: now.nanos / 1000 } };
    }
    if !zone.is_null() {
        unsafe { *zone = Timezone { minutes_west: 0, daylight: 0 } };
    }
    0
}

/// # Safety
/// As for the C library's function: `time` is null or writable.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn time(time: *mut i64) -> i64 {
    let now = now().seconds;
    if !time.is_null() {
        unsafe { *time = now };
    }
    now
}

fn now() -> Timespec {
    let mut now = Timespec { seconds: 0, nanos: 0 };
    // The real-time clock exists and the pointer is good: there is nothing to fail.
    unsafe { clock_gettime(CLOCK_REALTIME, &mut now) };
    now
}

fn nanos_of(time: &Timespec) -> i64 {
    time.seconds.wrapping_mul(NANOS).wrapping_add(time.nanos)
}

fn timespec(nanos: i64) -> Timespec {
    Timespec { seconds: nanos.div_euclid(NANOS), nanos: nanos.rem_euclid(NANOS) }
}

/// The offset in nanoseconds; 0 while the file cannot be mapped.
fn offset() -> i64 {
    static MAPPED: AtomicPtr<AtomicI64> = AtomicPtr::new(ptr::null_mut());
    /// Stands for "tried, and there is no such file": asking again at every look at the clock would cost a system call each.
    static NONE: AtomicI64 = AtomicI64::new(0);
    let mut mapped = MAPPED.load(Ordering::Acquire);
    if mapped.is_null() {
        mapped = map().unwrap_or(&raw const NONE as *mut AtomicI64);
        // Two threads may map it; both mappings are good, one is forgotten.
        MAPPED.store(mapped, Ordering::Release);
    }
    unsafe { (*mapped).load(Ordering::Relaxed) }
}

/// Maps the file, making it first if the sandbox has not written to it yet. Nobody ever cuts it, so reading never faults.
fn map() -> Option<*mut AtomicI64> {
    const AT_FDCWD: isize = -100;
    const READ_WRITE_CREATE_CLOSE_ON_EXEC: usize = 0o2 | 0o100 | 0o2000000;
    const PROT_READ: usize = 1;
    const MAP_SHARED: usize = 1;
    unsafe {
        let fd = call::six(call::OPENAT, AT_FDCWD as usize, OFFSET_FILE.as_ptr() as usize, READ_WRITE_CREATE_CLOSE_ON_EXEC, 0o666, 0, 0);
        if fd < 0 {
            return None;
        }
        let sized = call::three(call::FTRUNCATE, fd as usize, PAGE, 0);
        let address = if sized < 0 { sized } else { call::six(call::MMAP, 0, PAGE, PROT_READ, MAP_SHARED, fd as usize, 0) };
        call::three(call::CLOSE, fd as usize, 0, 0);
        (address > 0).then_some(address as *mut AtomicI64)
    }
}

/// System calls without a C library: its own might call back into the functions above.
#[cfg(target_arch = "x86_64")]
mod call {
    pub const CLOSE: usize = 3;
    pub const MMAP: usize = 9;
    pub const FTRUNCATE: usize = 77;
    pub const CLOCK_GETTIME: usize = 228;
    pub const OPENAT: usize = 257;

    pub unsafe fn six(number: usize, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> isize {
        let answer;
        unsafe {
            core::arch::asm!("syscall", inlateout("rax") number as isize => answer, in("rdi") a, in("rsi") b, in("rdx") c,
                in("r10") d, in("r8") e, in("r9") f, lateout("rcx") _, lateout("r11") _, options(nostack));
        }
        answer
    }

    pub unsafe fn three(number: usize, a: usize, b: usize, c: usize) -> isize {
        unsafe { six(number, a, b, c, 0, 0, 0) }
    }
}

/// System calls without a C library: its own might call back into the functions above.
#[cfg(target_arch = "aarch64")]
mod call {
    pub const FTRUNCATE: usize = 46;
    pub const OPENAT: usize = 56;
    pub const CLOSE: usize = 57;
    pub const CLOCK_GETTIME: usize = 113;
    pub const MMAP: usize = 222;

    pub unsafe fn six(number: usize, a: usize, b: usize, c: usize, d: usize, e: usize, f: usize) -> isize {
        let answer;
        unsafe {
            core::arch::asm!("svc 0", in("x8") number, inlateout("x0") a as isize => answer, in("x1") b, in("x2") c,
                in("x3") d, in("x4") e, in("x5") f, options(nostack));
        }
        answer
    }

    pub unsafe fn three(number: usize, a: usize, b: usize, c: usize) -> isize {
        unsafe { six(number, a, b, c, 0, 0, 0) }
    }
}

/// Nothing above can panic; the compiler wants to know anyway.
#[panic_handler]
fn never(_: &PanicInfo) -> ! {
    loop {}
}

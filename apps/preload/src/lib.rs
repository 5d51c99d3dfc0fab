//! A wall clock that can be moved and a disk that can lose power, for one server in one container: `LD_PRELOAD` puts this library before the C library.
//!
//! *The clock.* It replaces `clock_gettime`, `gettimeofday` and `time`, asks the kernel itself, and adds the offset it finds in a mapped file: eight bytes,
//! nanoseconds, native order (little endian on every processor it supports). Only the *wall* clock moves, real time and its coarse twin; the
//! monotonic clock stays true, as it does when somebody sets the clock of a real host.
//!
//! *The disk.* It replaces `fsync` and `fdatasync`. Each waits first for as long as the next eight bytes of the mapped file say, as on a disk that is busy, and after each that succeeds it notes the file's inode and the length it had before: sixteen
//! bytes at the end of a file in /dev/shm. `unlink` and `rename` note the file whose last name they took away, since its inode may become
//! another file's. What else makes bytes durable (`O_SYNC`, `sync`, `syncfs`, `msync`, io_uring) is not seen; no server of ours uses it for its data.
//!
//! There is no standard library here and no allocation: a server's allocator reads the clock while it starts, long before anything could be
//! initialised, and a library that allocates then never returns. What a program hands to the kernel is not translated: an absolute real-time
//! deadline (`pthread_cond_timedwait` on the default clock) is still the kernel's.
//!
//! Its `errno` is the C library's: glibc and musl both export `__errno_location`.
#![no_std]
#![deny(unsafe_op_in_unsafe_fn)]

use core::{
    ffi::{c_char, c_int, c_long},
    mem::MaybeUninit,
    panic::PanicInfo,
    ptr,
    sync::atomic::{AtomicI64, AtomicPtr, Ordering},
};

/// The sandbox of the node shares its /dev/shm with the server, and writes the offset in place.
const OFFSET_FILE: &[u8] = b"/dev/shm/rehearsal-clock\0";
/// Where syncs are noted; read after the server's death.
const SYNCED_FILE: &[u8] = b"/dev/shm/rehearsal-synced\0";
/// In place of a length: the file is gone.
const GONE: u64 = u64::MAX;
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
        let moved = unsafe { nanos_of(&*time) }.saturating_add(setting(OFFSET));
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

/// # Safety
/// As for the C library's function: any number will do.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fsync(file: c_int) -> c_int {
    synced(call::FSYNC, file)
}

/// # Safety
/// As for the C library's function: any number will do.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn fdatasync(file: c_int) -> c_int {
    synced(call::FDATASYNC, file)
}

/// # Safety
/// As for the C library's function: `path` is text that ends with a zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn unlink(path: *const c_char) -> c_int {
    let lost = look(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW);
    let answer = unsafe { call::three(call::UNLINKAT, AT_FDCWD as usize, path as usize, 0) };
    forget(answer, lost, 0)
}

/// # Safety
/// As for the C library's function: both paths are texts that end with a zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    let moved = look(AT_FDCWD, from, AT_SYMLINK_NOFOLLOW).map_or(0, |file| file.inode);
    let lost = look(AT_FDCWD, to, AT_SYMLINK_NOFOLLOW);
    let here = AT_FDCWD as usize;
    let answer = unsafe { call::six(call::RENAMEAT, here, from as usize, here, to as usize, 0, 0) };
    forget(answer, lost, moved)
}

/// What the kernel says of a file, as far as it matters here; the rest of its 256 bytes is passed over.
#[repr(C)]
struct Status {
    mask: u32,
    block: u32,
    attributes: u64,
    links: u32,
    user: u32,
    group: u32,
    mode: u16,
    gap: u16,
    inode: u64,
    bytes: u64,
    rest: [u64; 26],
}

const AT_FDCWD: isize = -100;
const AT_SYMLINK_NOFOLLOW: usize = 0x100;
const AT_EMPTY_PATH: usize = 0x1000;

/// A regular file behind a path, or behind an open file when the path is empty.
fn look(folder: isize, path: *const c_char, flags: usize) -> Option<Status> {
    const BASIC: usize = 0x7ff;
    const KIND: u16 = 0o170000;
    const REGULAR: u16 = 0o100000;
    let mut status = MaybeUninit::<Status>::uninit();
    let answer = unsafe { call::six(call::STATX, folder as usize, path as usize, flags, BASIC, status.as_mut_ptr() as usize, 0) };
    if answer < 0 {
        return None;
    }
    let status = unsafe { status.assume_init() };
    (status.mode & KIND == REGULAR).then_some(status)
}

fn synced(number: usize, file: c_int) -> c_int {
    // Looked at before: what is appended meanwhile may miss this sync.
    let before = look(file as isize, c"".as_ptr(), AT_EMPTY_PATH);
    wait(setting(DELAY));
    let answer = unsafe { call::three(number, file as usize, 0, 0) };
    if answer == 0 {
        // A file without a name is synced before it is closed; its inode is free afterwards.
        if let Some(file) = before.filter(|file| file.links > 0) {
            note(file.inode, file.bytes);
        }
    }
    plain(answer)
}

/// Sleeps so many nanoseconds, signals or not.
fn wait(nanos: i64) {
    const INTERRUPTED: isize = -4;
    let mut left = timespec(nanos.max(0));
    while nanos > 0 && unsafe { call::three(call::NANOSLEEP, &raw const left as usize, &raw mut left as usize, 0) } == INTERRUPTED {}
}

/// Notes that a file went, if the call that took its last name succeeded.
fn forget(answer: isize, lost: Option<Status>, moved: u64) -> c_int {
    if answer == 0 {
        if let Some(file) = lost.filter(|file| file.links == 1 && file.inode != moved) {
            note(file.inode, GONE);
        }
    }
    plain(answer)
}

/// A kernel's answer as the C library gives it.
fn plain(answer: isize) -> c_int {
    if answer < 0 {
        unsafe { *__errno_location() = -answer as c_int };
        return -1;
    }
    answer as c_int
}

/// One write at the end of the file, so that notes of several threads and children are never torn. Opened each time: a server that closes
/// what it does not know would close ours.
fn note(inode: u64, length: u64) {
    const WRITE_APPEND_CREATE_CLOSE_ON_EXEC: usize = 0o1 | 0o2000 | 0o100 | 0o2000000;
    let note = [inode, length];
    unsafe {
        let fd = call::six(call::OPENAT, AT_FDCWD as usize, SYNCED_FILE.as_ptr() as usize, WRITE_APPEND_CREATE_CLOSE_ON_EXEC, 0o666, 0, 0);
        if fd >= 0 {
            call::three(call::WRITE, fd as usize, note.as_ptr() as usize, 16);
            call::three(call::CLOSE, fd as usize, 0, 0);
        }
    }
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

/// Places in the mapped file, eight bytes each.
const OFFSET: usize = 0;
const DELAY: usize = 1;

/// What stands at a place of the file, in nanoseconds; 0 while the file cannot be mapped.
fn setting(place: usize) -> i64 {
    static MAPPED: AtomicPtr<AtomicI64> = AtomicPtr::new(ptr::null_mut());
    /// Stands for "tried, and there is no such file": asking again at every look at the clock would cost a system call each.
    static NONE: [AtomicI64; 2] = [AtomicI64::new(0), AtomicI64::new(0)];
    let mut mapped = MAPPED.load(Ordering::Acquire);
    if mapped.is_null() {
        mapped = map().unwrap_or(&raw const NONE as *mut AtomicI64);
        // Two threads may map it; both mappings are good, one is forgotten.
        MAPPED.store(mapped, Ordering::Release);
    }
    unsafe { (*mapped.add(place)).load(Ordering::Relaxed) }
}

/// Maps the file, making it first if the sandbox has not written to it yet. Nobody ever cuts it, so reading never faults.
fn map() -> Option<*mut AtomicI64> {
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
    pub const WRITE: usize = 1;
    pub const CLOSE: usize = 3;
    pub const MMAP: usize = 9;
    pub const NANOSLEEP: usize = 35;
    pub const FSYNC: usize = 74;
    pub const FDATASYNC: usize = 75;
    pub const FTRUNCATE: usize = 77;
    pub const CLOCK_GETTIME: usize = 228;
    pub const OPENAT: usize = 257;
    pub const UNLINKAT: usize = 263;
    pub const RENAMEAT: usize = 264;
    pub const STATX: usize = 332;

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
    pub const UNLINKAT: usize = 35;
    pub const RENAMEAT: usize = 38;
    pub const FTRUNCATE: usize = 46;
    pub const OPENAT: usize = 56;
    pub const CLOSE: usize = 57;
    pub const WRITE: usize = 64;
    pub const FSYNC: usize = 82;
    pub const FDATASYNC: usize = 83;
    pub const NANOSLEEP: usize = 101;
    pub const CLOCK_GETTIME: usize = 113;
    pub const MMAP: usize = 222;
    pub const STATX: usize = 291;

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

//! A module with a data type of its own, for scenarios about what becomes of such data on a server that lacks the module: `STAMP.SET key number`,
//! `STAMP.GET key`.
//!
//! It speaks the module interface that every server since Redis 4.0 offers, without the header that describes it: the first word of the context given to
//! `RedisModule_OnLoad` is a function that finds the others by name (`redismodule.h` does the same). So nothing is linked and nothing is allocated by
//! itself; each function is declared here as that header declares it. Written against redis 7.0.15, redis 8.0.2 and valkey 8.1.1.
#![no_std]
#![deny(unsafe_op_in_unsafe_fn)]

use core::{
    ffi::{CStr, c_char, c_int, c_longlong, c_void},
    mem::transmute,
    panic::PanicInfo,
    ptr::null_mut,
    sync::atomic::{AtomicPtr, Ordering},
};

/// Something of the server's that is only handed around.
type Opaque = *mut c_void;
type Command = extern "C" fn(ctx: Opaque, argv: *const Opaque, argc: c_int) -> c_int;

const OK: c_int = 0;
const ERR: c_int = 1;
/// Of the interface, `REDISMODULE_APIVER_1`.
const API: c_int = 1;
/// Of this module.
const VERSION: c_int = 1;
const READ: c_int = 1;
const WRITE: c_int = 2;
/// How the data type is written into snapshots, besides its name.
const ENCODING: c_int = 0;

/// What the server calls for a value of the type; nulls are functions that it does without.
#[repr(C)]
struct Methods {
    version: u64,
    load: Option<extern "C" fn(io: Opaque, encoding: c_int) -> Opaque>,
    save: Option<extern "C" fn(io: Opaque, value: Opaque)>,
    rewrite: Opaque,
    memory: Opaque,
    digest: Opaque,
    free: Option<extern "C" fn(value: Opaque)>,
}

/// The function that finds the others, and the data type once the server has it.
static FIND: AtomicPtr<c_void> = AtomicPtr::new(null_mut());
static TYPE: AtomicPtr<c_void> = AtomicPtr::new(null_mut());

/// The server's function of this name, null where it has none.
fn found(name: &CStr) -> Opaque {
    let find = FIND.load(Ordering::Relaxed);
    let mut function: Opaque = null_mut();
    // SAFETY: `FIND` is set before anything else is called, to the function the server gave for this purpose.
    let find: extern "C" fn(*const c_char, *mut Opaque) -> c_int = unsafe { transmute(find) };
    find(name.as_ptr(), &raw mut function);
    function
}

/// Calls a function of the server with the types that its header gives it. All of them have existed since Redis 4.0.
macro_rules! server {
    ($name:literal, ($($type:ty),*) -> $result:ty, $($argument:expr),*) => {{
        // SAFETY: the signature is that of redismodule.h, where `RedisModule_*` are pointers to these functions.
        let function: extern "C" fn($($type),*) -> $result = unsafe { transmute(found($name)) };
        function($($argument),*)
    }};
}

/// # Safety
/// Called by a server that loads this module, with a context of its own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn RedisModule_OnLoad(ctx: Opaque, _argv: *const Opaque, _argc: c_int) -> c_int {
    FIND.store(unsafe { *ctx.cast::<Opaque>() }, Ordering::Relaxed);
    server!(c"RedisModule_SetModuleAttribs", (Opaque, *const c_char, c_int, c_int) -> (), ctx, c"stamp".as_ptr(), VERSION, API);
    let mut methods =
        Methods { version: 1, load: Some(load), save: Some(save), rewrite: null_mut(), memory: null_mut(), digest: null_mut(), free: Some(free) };
    let kind = server!(
        c"RedisModule_CreateDataType",
        (Opaque, *const c_char, c_int, *mut Methods) -> Opaque,
        ctx, c"stamp-rhl".as_ptr(), ENCODING, &raw mut methods
    );
    if kind.is_null() {
        return ERR;
    }
    TYPE.store(kind, Ordering::Relaxed);
    if command(ctx, c"stamp.set", set, c"write deny-oom") == ERR { ERR } else { command(ctx, c"stamp.get", get, c"readonly fast") }
}

fn command(ctx: Opaque, name: &CStr, does: Command, flags: &CStr) -> c_int {
    server!(
        c"RedisModule_CreateCommand",
        (Opaque, *const c_char, Command, *const c_char, c_int, c_int, c_int) -> c_int,
        ctx, name.as_ptr(), does, flags.as_ptr(), 1, 1, 1
    )
}

/// `STAMP.SET key number`: whatever was at the key is replaced, and replicas get the same command.
extern "C" fn set(ctx: Opaque, argv: *const Opaque, argc: c_int) -> c_int {
    if argc != 3 {
        return server!(c"RedisModule_WrongArity", (Opaque) -> c_int, ctx);
    }
    let mut number: c_longlong = 0;
    // SAFETY: the server passes `argc` words.
    let (name, word) = unsafe { (*argv.add(1), *argv.add(2)) };
    if server!(c"RedisModule_StringToLongLong", (Opaque, *mut c_longlong) -> c_int, word, &raw mut number) != OK {
        return server!(c"RedisModule_ReplyWithError", (Opaque, *const c_char) -> c_int, ctx, c"ERR a stamp is a number".as_ptr());
    }
    let key = open(ctx, name, READ | WRITE);
    let value = stamp(number as u64);
    server!(c"RedisModule_ModuleTypeSetValue", (Opaque, Opaque, Opaque) -> c_int, key, TYPE.load(Ordering::Relaxed), value);
    close(key);
    server!(c"RedisModule_ReplicateVerbatim", (Opaque) -> c_int, ctx);
    server!(c"RedisModule_ReplyWithSimpleString", (Opaque, *const c_char) -> c_int, ctx, c"OK".as_ptr())
}

/// `STAMP.GET key`: the number, or nil where there is no stamp.
extern "C" fn get(ctx: Opaque, argv: *const Opaque, argc: c_int) -> c_int {
    if argc != 2 {
        return server!(c"RedisModule_WrongArity", (Opaque) -> c_int, ctx);
    }
    // SAFETY: the server passes `argc` words.
    let key = open(ctx, unsafe { *argv.add(1) }, READ);
    let number = value_at(key);
    if !key.is_null() {
        close(key);
    }
    match number {
        Some(number) => server!(c"RedisModule_ReplyWithLongLong", (Opaque, c_longlong) -> c_int, ctx, number as c_longlong),
        None => server!(c"RedisModule_ReplyWithNull", (Opaque) -> c_int, ctx),
    }
}

/// The number of an open key; none where it is empty or of another type.
fn value_at(key: Opaque) -> Option<u64> {
    if key.is_null() || server!(c"RedisModule_ModuleTypeGetType", (Opaque) -> Opaque, key) != TYPE.load(Ordering::Relaxed) {
        return None;
    }
    let value = server!(c"RedisModule_ModuleTypeGetValue", (Opaque) -> Opaque, key).cast::<u64>();
    // SAFETY: a value of this type is what `stamp` made.
    (!value.is_null()).then(|| unsafe { *value })
}

fn open(ctx: Opaque, name: Opaque, mode: c_int) -> Opaque {
    server!(c"RedisModule_OpenKey", (Opaque, Opaque, c_int) -> Opaque, ctx, name, mode)
}

fn close(key: Opaque) {
    server!(c"RedisModule_CloseKey", (Opaque) -> (), key);
}

/// A value of the type: eight bytes of the server's memory.
fn stamp(number: u64) -> Opaque {
    let value = server!(c"RedisModule_Alloc", (usize) -> Opaque, size_of::<u64>());
    // SAFETY: the server's allocator ends the process rather than return null.
    unsafe { value.cast::<u64>().write(number) };
    value
}

extern "C" fn load(io: Opaque, encoding: c_int) -> Opaque {
    if encoding != ENCODING {
        return null_mut();
    }
    stamp(server!(c"RedisModule_LoadUnsigned", (Opaque) -> u64, io))
}

extern "C" fn save(io: Opaque, value: Opaque) {
    // SAFETY: a value of this type is what `stamp` made.
    let number = unsafe { *value.cast::<u64>() };
    server!(c"RedisModule_SaveUnsigned", (Opaque, u64) -> (), io, number);
}

extern "C" fn free(value: Opaque) {
    server!(c"RedisModule_Free", (Opaque) -> (), value);
}

/// Nothing above can panic; the compiler wants to know anyway.
#[panic_handler]
fn never(_: &PanicInfo) -> ! {
    loop {}
}

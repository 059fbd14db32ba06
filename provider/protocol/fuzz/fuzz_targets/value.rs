//! Any bytes, taken for a type and a value of it, decode or fail; what decodes encodes again to an equal value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use platform_protocol::{RawState, Type, Value};

fuzz_target!(|input: (Vec<u8>, Vec<u8>)| {
    let (ty, bytes) = input;
    let ty = Type::from_bytes(&ty).unwrap_or(Type::Dynamic);
    if let Ok(value) = Value::from_msgpack(&bytes, &ty) {
        let again = value.to_msgpack(&ty).expect("what decodes encodes");
        let _ = Value::from_msgpack(&again, &ty).expect("what encodes decodes");
        let _ = value.to_json_known();
        let _ = value.conform(&ty).to_msgpack(&ty).expect("what conforms encodes");
    }
    let _ = RawState { json: bytes, ..RawState::default() }.decode(&ty);
});

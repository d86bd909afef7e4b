//! A program that answers calls, written around the files of an exercise.
//!
//! Each file becomes a module; for every public function there is an entry in the call table that
//! takes the arguments off the wire, and for every public struct an `impl Wire`. Nothing in it is
//! particular to who wrote the file: learner, reference and known mistakes get the same glue.

use std::fmt::Write;
use std::path::Path;

use crate::interface::{Function, Interface, Pass, Struct};

/// One file of a program.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The calls are `name/function`.
    pub name: String,
    /// Where messages say that it lies, below `exercises`: `src/rnn/rnn_step.rs`.
    pub path: String,
    /// Its text.
    pub source: String,
    /// What of it is called.
    pub interface: Interface,
}

impl Unit {
    /// A file whose public functions become calls.
    pub fn new(name: &str, path: String, source: String, interface: Interface) -> Self {
        Self { name: name.to_owned(), path, source, interface }
    }
}

/// The name of the unit that draws cases.
pub const CASES: &str = "cases";

/// The text of `main.rs`; the units lie in `folder` at their paths.
pub fn main_file(units: &[Unit], folder: &Path) -> String {
    let mut text = String::from("#![allow(warnings)]\n");
    let mut table = String::new();
    for (index, unit) in units.iter().enumerate() {
        let path = folder.join(&unit.path);
        let path = path.display();
        _ = writeln!(text, "mod unit{index} {{\n#[path = r#\"{path}\"#]\npub mod code;");
        text += "use kit::{Arguments, Fields, Value, Wire};\n";
        if unit.name == CASES {
            text += "pub fn call0(mut arguments: Arguments) -> Result<Value, String> {
                let mut draw = kit::cases::Draw::new(arguments.take()?);
                Ok(code::cases(&mut draw).encode())\n}\n";
            _ = writeln!(table, "(\"{CASES}\", unit{index}::call0),");
        } else {
            for (number, function) in unit.interface.functions.iter().enumerate() {
                text += &call(number, function);
                let (unit, function) = (&unit.name, &function.name);
                _ = writeln!(table, "(\"{unit}/{function}\", unit{index}::call{number}),");
            }
            unit.interface.structs.iter().for_each(|item| text += &wire(item));
        }
        text += "}\n";
    }
    _ = writeln!(text, "fn main() {{\nkit::serve::serve(&[\n{table}]);\n}}");
    text
}

fn call(number: usize, function: &Function) -> String {
    let mut text =
        format!("pub fn call{number}(mut arguments: Arguments) -> Result<Value, String> {{\n");
    let mut passed = Vec::new();
    let mut answers = if function.is_unit { vec![] } else { vec!["answer.encode()".to_owned()] };
    for (index, (_, pass)) in function.arguments.iter().enumerate() {
        let kind = match pass {
            Pass::Slice | Pass::MutableSlice => "Vec<_>",
            Pass::Text => "String",
            Pass::View => "ndarray::ArrayBase<ndarray::OwnedRepr<_>, _>",
            Pass::Value | Pass::Reference | Pass::Mutable => "_",
        };
        _ = writeln!(text, "let mut a{index}: {kind} = arguments.take()?;");
        passed.push(match pass {
            Pass::Value => format!("a{index}"),
            Pass::Reference | Pass::Slice | Pass::Text => format!("&a{index}"),
            Pass::Mutable | Pass::MutableSlice => format!("&mut a{index}"),
            Pass::View => format!("a{index}.view()"),
        });
        if pass.is_mutable() {
            answers.push(format!("a{index}.encode()"));
        }
    }
    let (name, passed) = (&function.name, passed.join(", "));
    _ = writeln!(text, "arguments.end()?;\nlet answer = code::{name}({passed});");
    match answers.as_slice() {
        [one] => _ = writeln!(text, "Ok({one})\n}}"),
        several => _ = writeln!(text, "Ok(Value::Tuple(vec![{}]))\n}}", several.join(", ")),
    }
    text
}

fn wire(item: &Struct) -> String {
    let Struct { name, fields } = item;
    let mut encode = String::new();
    let mut decode = String::new();
    for (field, _) in fields {
        _ = write!(encode, "({field:?}.to_owned(), self.{field}.encode()), ");
        _ = write!(decode, "{field}: fields.take({field:?})?, ");
    }
    format!(
        "impl Wire for code::{name} {{
            fn encode(&self) -> Value {{ Value::Record(vec![{encode}]) }}
            fn decode(value: Value) -> Result<Self, String> {{
                let mut fields = Fields::new(value)?;
                Ok(Self {{ {decode} }})
            }}
        }}\n"
    )
}

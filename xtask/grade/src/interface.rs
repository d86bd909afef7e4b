//! What an exercise's file offers: its public functions and structs, read from the source.
//!
//! The glue that lets a child call them is written from this (see `glue`), so that adding an
//! exercise needs none by hand.

use anyhow::{Result, bail};
use proc_macro2::TokenStream;
use serde::{Deserialize, Serialize};
use syn::{Expr, Fields, FnArg, Item, ReturnType, Stmt, Type, Visibility};

/// How an argument is handed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// `T`
    Value,
    /// `&T`
    Reference,
    /// `&[T]`
    Slice,
    /// `&str`
    Text,
    /// `&mut T`: what it holds afterwards is part of the answer.
    Mutable,
    /// `&mut [T]`, likewise.
    MutableSlice,
    /// `ArrayView1<T>` and its kin.
    View,
}

impl Pass {
    /// Whether the function may change it.
    pub fn is_mutable(self) -> bool {
        matches!(self, Self::Mutable | Self::MutableSlice)
    }
}

/// A public function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Names of the arguments and how they are passed.
    pub arguments: Vec<(String, Pass)>,
    /// Types only, without names and lifetimes' whims: what must not change.
    pub types: String,
    /// The signature as written, for messages.
    pub signature: String,
    /// The body is `todo!()`.
    pub is_todo: bool,
    /// Returns `()`.
    pub is_unit: bool,
}

/// A public struct with its public fields.
#[derive(Debug, Clone)]
pub struct Struct {
    /// Its name.
    pub name: String,
    /// Names and types of the fields.
    pub fields: Vec<(String, String)>,
}

/// What a file offers.
#[derive(Debug, Clone, Default)]
pub struct Interface {
    /// Public functions, in order.
    pub functions: Vec<Function>,
    /// Public structs whose fields all are public.
    pub structs: Vec<Struct>,
}

/// What a learner's file is, beside the stub that it began as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Draft {
    /// Every task is still `todo!()`.
    NotStarted,
    /// Something of it is missing or changed.
    Departed(String),
    /// Something to build.
    Begun,
    /// No Rust: the compiler will say why.
    NoRust,
}

impl Interface {
    /// Reads a source file.
    ///
    /// # Errors
    /// What is no Rust, or a signature that cannot be called through a pipe.
    pub fn parse(source: &str) -> Result<Self> {
        let file = syn::parse_file(source)?;
        let mut interface = Self::default();
        for item in &file.items {
            match item {
                Item::Fn(item) if is_public(&item.vis) => interface.functions.push(function(item)?),
                Item::Struct(item) if is_public(&item.vis) => {
                    let Fields::Named(fields) = &item.fields else { continue };
                    if !item.generics.params.is_empty()
                        || !fields.named.iter().all(|field| is_public(&field.vis))
                    {
                        continue;
                    }
                    let field = |field: &syn::Field| {
                        let name = field.ident.as_ref().expect("it is named").to_string();
                        (name, text(&field.ty))
                    };
                    let fields = fields.named.iter().map(field).collect();
                    interface.structs.push(Struct { name: item.ident.to_string(), fields });
                }
                _ => {}
            }
        }
        Ok(interface)
    }

    /// The functions to be written: those that the stub leaves as `todo!()`.
    pub fn tasks(&self) -> impl Iterator<Item = &Function> {
        self.functions.iter().filter(|function| function.is_todo)
    }

    /// The function of this name.
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.name == name)
    }

    /// What a learner's file is, beside the stub (`self`).
    pub fn draft(&self, source: &str) -> Draft {
        let Ok(own) = Self::parse(source) else { return Draft::NoRust };
        let is_todo = |task: &Function| own.function(&task.name).is_some_and(|own| own.is_todo);
        match self.departure(&own) {
            _ if self.tasks().all(is_todo) => Draft::NotStarted,
            Some(what) => Draft::Departed(what),
            None => Draft::Begun,
        }
    }

    /// What of the stub (`self`) a learner's file lacks or has changed.
    pub fn departure(&self, learner: &Self) -> Option<String> {
        for stub in &self.functions {
            match learner.function(&stub.name) {
                None => return Some(format!("`pub {}` is missing", stub.signature)),
                Some(own) if own.types != stub.types => {
                    let signature = &stub.signature;
                    return Some(format!("the signature must stay `pub {signature}`"));
                }
                Some(_) => {}
            }
        }
        for stub in &self.structs {
            let own = learner.structs.iter().find(|own| own.name == stub.name);
            if own.is_none_or(|own| own.fields != stub.fields) {
                return Some(format!("`pub struct {}` must stay as it was", stub.name));
            }
        }
        None
    }
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Tokens as text, spaced as a person would.
fn text(tokens: &impl quote::ToTokens) -> String {
    tidy(&tokens.to_token_stream())
}

fn tidy(tokens: &TokenStream) -> String {
    let mut text = tokens.to_string();
    for (from, to) in [
        (" <", "<"),
        ("< ", "<"),
        (" >", ">"),
        ("& ", "&"),
        (" ,", ","),
        (" ::", "::"),
        (":: ", "::"),
        ("( ", "("),
        (" )", ")"),
        ("[ ", "["),
        (" ]", "]"),
        (" :", ":"),
        (" (", "("),
        (" ;", ";"),
        ("' ", "'"),
        ("->(", "-> ("),
        (",)", ")"),
    ] {
        text = text.replace(from, to);
    }
    text.replace(":(", ": (").replace(",(", ", (")
}

fn function(item: &syn::ItemFn) -> Result<Function> {
    let name = item.sig.ident.to_string();
    if !item.sig.generics.params.is_empty() {
        bail!("{name}: a function of an exercise has no generic parameters");
    }
    let mut arguments = Vec::new();
    let mut types = String::new();
    for (index, input) in item.sig.inputs.iter().enumerate() {
        let FnArg::Typed(input) = input else { bail!("{name}: no `self` in an exercise") };
        let argument = match &*input.pat {
            syn::Pat::Ident(pattern) => pattern.ident.to_string(),
            _ => format!("argument {}", index + 1),
        };
        arguments.push((argument.trim_start_matches('_').to_owned(), pass(&name, &input.ty)?));
        types += &text(&input.ty);
        types += "; ";
    }
    let is_unit = match &item.sig.output {
        ReturnType::Default => true,
        ReturnType::Type(_, result) => {
            if matches!(&**result, Type::ImplTrait(_)) {
                bail!("{name}: `todo!()` cannot stand for an `impl Trait`");
            }
            matches!(&**result, Type::Tuple(tuple) if tuple.elems.is_empty())
        }
    };
    if !is_unit {
        types += &text(&item.sig.output);
    }
    let signature = text(&item.sig);
    Ok(Function { name, arguments, types, signature, is_todo: is_todo(&item.block), is_unit })
}

fn pass(function: &str, argument: &Type) -> Result<Pass> {
    Ok(match argument {
        Type::ImplTrait(_) => bail!("{function}: an argument is `impl Trait`"),
        Type::Reference(reference) => match (&*reference.elem, reference.mutability.is_some()) {
            (Type::TraitObject(_), _) => bail!("{function}: an argument is `dyn`"),
            (Type::Slice(_), false) => Pass::Slice,
            (Type::Slice(_), true) => Pass::MutableSlice,
            (Type::Path(path), false) if path.path.is_ident("str") => Pass::Text,
            (_, false) => Pass::Reference,
            (_, true) => Pass::Mutable,
        },
        Type::Path(path) => match path.path.segments.last() {
            Some(last) if last.ident.to_string().starts_with("ArrayView") => Pass::View,
            _ => Pass::Value,
        },
        _ => Pass::Value,
    })
}

/// Whether nothing but `todo!()` stands there (comments are no tokens).
fn is_todo(block: &syn::Block) -> bool {
    match block.stmts.as_slice() {
        [Stmt::Macro(statement)] => statement.mac.path.is_ident("todo"),
        [Stmt::Expr(Expr::Macro(expression), _)] => expression.mac.path.is_ident("todo"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stub_is_read() {
        let stub = "pub struct State { pub h: Array1<f64>, pub c: Array1<f64> }
            fn helper() {}
            pub fn step(x: &Array2<f64>, ids: &[usize], text: &str, view: ArrayView1<'_, f64>,
                n: usize, w: &mut Array1<f64>) -> (State, f64) { /* TODO */ todo!() }";
        let interface = Interface::parse(stub).unwrap();
        let [step] = interface.functions.as_slice() else { panic!() };
        let passes: Vec<_> = step.arguments.iter().map(|(_, pass)| *pass).collect();
        use Pass::*;
        assert_eq!(passes, [Reference, Slice, Text, View, Value, Mutable]);
        assert!(step.is_todo && !step.is_unit);
        assert_eq!(interface.structs[0].fields[1], ("c".into(), "Array1<f64>".into()));
    }

    #[test]
    fn a_changed_signature_is_named_and_renamed_arguments_are_not() {
        let read = |text| Interface::parse(text).unwrap();
        let stub = read("pub fn f(x: f64) -> f64 { todo!() }");
        assert_eq!(stub.departure(&read("pub fn f(_y: f64) -> f64 { 1.0 }")), None);
        let said = stub.departure(&read("pub fn f(x: f32) -> f64 { 1.0 }")).unwrap();
        assert_eq!(said, "the signature must stay `pub fn f(x: f64) -> f64`");
        assert!(stub.departure(&read("fn f(x: f64) -> f64 { 1.0 }")).unwrap().contains("missing"));
    }

    #[test]
    fn a_file_is_told_from_its_stub() {
        let stub = Interface::parse("pub fn f(x: f64) -> f64 { todo!() }").unwrap();
        assert_eq!(stub.draft("pub fn f(x: f64) -> f64 { todo!() }"), Draft::NotStarted);
        assert_eq!(stub.draft("pub fn f(x: f64) -> f64 { x }"), Draft::Begun);
        assert_eq!(stub.draft("pub fn f(x: f64) -> f64 { x"), Draft::NoRust);
        let departed = stub.draft("pub fn f(x: f32) -> f64 { 1.0 }");
        assert!(matches!(departed, Draft::Departed(_)));
    }
}

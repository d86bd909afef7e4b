//! Rust types as values, and back.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;

use ndarray::{Array, Dimension};

use crate::{Scalar, Value};

/// A type that an exercise's function may take or give. Structs of an exercise get theirs from the
/// grader, field by field.
pub trait Wire: Sized {
    /// As a value.
    fn encode(&self) -> Value;
    /// Back from a value.
    ///
    /// # Errors
    /// A value of another kind.
    fn decode(value: Value) -> Result<Self, String>;
}

/// A value is itself; for the grader's own calls.
impl Wire for Value {
    fn encode(&self) -> Value {
        self.clone()
    }

    fn decode(value: Value) -> Result<Self, String> {
        Ok(value)
    }
}

impl<A: Scalar, D: Dimension> Wire for Array<A, D> {
    fn encode(&self) -> Value {
        A::pack(self.shape().to_vec(), self.iter().copied().collect())
    }

    fn decode(value: Value) -> Result<Self, String> {
        let kind = value.kind();
        let array = match value {
            // An empty list does not know what it holds.
            Value::List(items) if items.is_empty() => A::unpack(A::pack(vec![0], Vec::new()))?,
            value => A::unpack(value)?,
        };
        array
            .into_dimensionality()
            .map_err(|_| format!("expected {:?} axes, got {kind}", D::NDIM.unwrap_or_default()))
    }
}

macro_rules! number {
    ($($number:ty),*) => {$(
        impl Wire for $number {
            fn encode(&self) -> Value {
                <$number as Scalar>::pack(Vec::new(), vec![*self])
            }

            fn decode(value: Value) -> Result<Self, String> {
                let array = <$number as Scalar>::unpack(value)?;
                match array.ndim() {
                    0 => Ok(array[[]]),
                    _ => Err(format!("expected one number, got shape {:?}", array.shape())),
                }
            }
        }
    )*};
}

number!(f32, f64, u8, u32, u64, usize, i32, i64);

impl Wire for bool {
    fn encode(&self) -> Value {
        Value::Bool(*self)
    }

    fn decode(value: Value) -> Result<Self, String> {
        match value {
            Value::Bool(yes) => Ok(yes),
            other => Err(format!("expected a bool, got {}", other.kind())),
        }
    }
}

impl Wire for String {
    fn encode(&self) -> Value {
        Value::Text(self.clone())
    }

    fn decode(value: Value) -> Result<Self, String> {
        match value {
            Value::Text(text) => Ok(text),
            other => Err(format!("expected a text, got {}", other.kind())),
        }
    }
}

impl Wire for char {
    fn encode(&self) -> Value {
        Value::Text(self.to_string())
    }

    fn decode(value: Value) -> Result<Self, String> {
        let text = String::decode(value)?;
        let mut letters = text.chars();
        match (letters.next(), letters.next()) {
            (Some(letter), None) => Ok(letter),
            _ => Err(format!("expected one character, got {text:?}")),
        }
    }
}

impl<T: Wire> Wire for Vec<T> {
    fn encode(&self) -> Value {
        Value::list(self.iter().map(T::encode).collect())
    }

    fn decode(value: Value) -> Result<Self, String> {
        value.items()?.into_iter().map(T::decode).collect()
    }
}

impl<T: Wire> Wire for Option<T> {
    fn encode(&self) -> Value {
        Value::Maybe(self.as_ref().map(|value| Box::new(value.encode())))
    }

    fn decode(value: Value) -> Result<Self, String> {
        match value {
            Value::Maybe(None) => Ok(None),
            Value::Maybe(Some(value)) => T::decode(*value).map(Some),
            other => Err(format!("expected an Option, got {}", other.kind())),
        }
    }
}

/// `Ok(x)` is a struct with the one field Ok, `Err(e)` one with Err.
impl<T: Wire, E: Wire> Wire for Result<T, E> {
    fn encode(&self) -> Value {
        let (name, value) = match self {
            Ok(value) => ("Ok", value.encode()),
            Err(error) => ("Err", error.encode()),
        };
        Value::Record(vec![(name.to_owned(), value)])
    }

    fn decode(value: Value) -> Result<Self, String> {
        let mut fields = Fields::new(value)?;
        match fields.take("Ok") {
            Ok(value) => Ok(Ok(value)),
            Err(_) => Ok(Err(fields.take("Err")?)),
        }
    }
}

impl<K: Wire + Ord, V: Wire> Wire for BTreeMap<K, V> {
    fn encode(&self) -> Value {
        let pair = |(key, value): (&K, &V)| Value::Tuple(vec![key.encode(), value.encode()]);
        Value::List(self.iter().map(pair).collect())
    }

    fn decode(value: Value) -> Result<Self, String> {
        Ok(Vec::<(K, V)>::decode(value)?.into_iter().collect())
    }
}

impl<K: Wire + Ord + Hash + Clone, V: Wire> Wire for HashMap<K, V> {
    fn encode(&self) -> Value {
        let mut pairs: Vec<(&K, &V)> = self.iter().collect();
        pairs.sort_by(|a, b| a.0.cmp(b.0));
        let pair = |(key, value): (&K, &V)| Value::Tuple(vec![key.encode(), value.encode()]);
        Value::List(pairs.into_iter().map(pair).collect())
    }

    fn decode(value: Value) -> Result<Self, String> {
        Ok(Vec::<(K, V)>::decode(value)?.into_iter().collect())
    }
}

macro_rules! tuple {
    ($($name:ident $index:tt),*) => {
        impl<$($name: Wire),*> Wire for ($($name,)*) {
            fn encode(&self) -> Value {
                Value::Tuple(vec![$(self.$index.encode()),*])
            }

            #[allow(unused_mut, unused_variables, non_snake_case)]
            fn decode(value: Value) -> Result<Self, String> {
                let mut arguments = Arguments::new(value)?;
                $(let $name = arguments.take()?;)*
                arguments.end()?;
                Ok(($($name,)*))
            }
        }
    };
}

tuple!();
tuple!(A 0, B 1);
tuple!(A 0, B 1, C 2);
tuple!(A 0, B 1, C 2, D 3);
tuple!(A 0, B 1, C 2, D 3, E 4);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5);
tuple!(A 0, B 1, C 2, D 3, E 4, F 5, G 6);

/// The arguments of a call, taken one after the other.
#[derive(Debug)]
pub struct Arguments {
    rest: std::vec::IntoIter<Value>,
    taken: usize,
}

impl Arguments {
    /// From a tuple.
    ///
    /// # Errors
    /// A value that is none.
    pub fn new(value: Value) -> Result<Self, String> {
        match value {
            Value::Tuple(items) => Ok(Self { rest: items.into_iter(), taken: 0 }),
            other => Err(format!("expected a tuple, got {}", other.kind())),
        }
    }

    /// The next one.
    ///
    /// # Errors
    /// There is none, or it is of another type.
    pub fn take<T: Wire>(&mut self) -> Result<T, String> {
        self.taken += 1;
        let value = self.rest.next().ok_or(format!("argument {} is missing", self.taken))?;
        T::decode(value).map_err(|error| format!("argument {}: {error}", self.taken))
    }

    /// That was all.
    ///
    /// # Errors
    /// It was not.
    pub fn end(mut self) -> Result<(), String> {
        match self.rest.next() {
            None => Ok(()),
            Some(_) => Err(format!("there are more than {} arguments", self.taken)),
        }
    }
}

/// The fields of a struct, taken by name.
#[derive(Debug)]
pub struct Fields(Vec<(String, Value)>);

impl Fields {
    /// From a record.
    ///
    /// # Errors
    /// A value that is none.
    pub fn new(value: Value) -> Result<Self, String> {
        match value {
            Value::Record(fields) => Ok(Self(fields)),
            other => Err(format!("expected a struct, got {}", other.kind())),
        }
    }

    /// The field of this name.
    ///
    /// # Errors
    /// There is none, or it is of another type.
    pub fn take<T: Wire>(&mut self, name: &str) -> Result<T, String> {
        let found = self.0.iter().position(|field| field.0 == name);
        let at = found.ok_or_else(|| format!("field {name} is missing"))?;
        T::decode(self.0.swap_remove(at).1).map_err(|error| format!("field {name}: {error}"))
    }
}

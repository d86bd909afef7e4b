//! A value that can travel between programs.

/// What an exercise's function takes or gives. A number alone is an array of rank 0.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// f32 and f64, row-major.
    Floats {
        /// Sizes of the axes.
        shape: Vec<usize>,
        /// As many as the shape says.
        data: Vec<f64>,
    },
    /// Whole numbers (and masks, as 0 and 1), row-major.
    Ints {
        /// Sizes of the axes.
        shape: Vec<usize>,
        /// As many as the shape says.
        data: Vec<i64>,
    },
    /// Yes or no.
    Bool(bool),
    /// A string or a character.
    Text(String),
    /// A `Vec` of anything but numbers; a map is a list of pairs in the order of its keys.
    List(Vec<Value>),
    /// A tuple; `()` is the empty one.
    Tuple(Vec<Value>),
    /// A struct: names and parts.
    Record(Vec<(String, Value)>),
    /// An `Option`.
    Maybe(Option<Box<Value>>),
}

impl Value {
    /// One float.
    pub fn float(x: f64) -> Self {
        Self::Floats { shape: Vec::new(), data: vec![x] }
    }

    /// One whole number.
    pub fn int(n: i64) -> Self {
        Self::Ints { shape: Vec::new(), data: vec![n] }
    }

    /// What it is, in words, with its shape: `array (3, 4)`.
    pub fn kind(&self) -> String {
        let sizes = |shape: &[usize]| {
            let sizes: Vec<_> = shape.iter().map(usize::to_string).collect();
            sizes.join(", ")
        };
        match self {
            Self::Floats { shape, .. } if shape.is_empty() => "a float".into(),
            Self::Floats { shape, .. } => format!("floats of shape ({})", sizes(shape)),
            Self::Ints { shape, .. } if shape.is_empty() => "a whole number".into(),
            Self::Ints { shape, .. } => format!("whole numbers of shape ({})", sizes(shape)),
            Self::Bool(_) => "a bool".into(),
            Self::Text(_) => "a text".into(),
            Self::List(items) => format!("a list of {}", items.len()),
            Self::Tuple(items) => format!("a tuple of {}", items.len()),
            Self::Record(fields) => {
                let names: Vec<_> = fields.iter().map(|(name, _)| name.as_str()).collect();
                format!("a struct of {}", names.join(", "))
            }
            Self::Maybe(None) => "None".into(),
            Self::Maybe(Some(value)) => format!("Some of {}", value.kind()),
        }
    }

    /// A list; numbers become one array, so that `Vec<f64>` and `Array1<f64>` are the same value.
    pub fn list(items: Vec<Self>) -> Self {
        fn single<'v, A: Copy + 'v>(
            items: &'v [Value],
            number: impl Fn(&'v Value) -> Option<A>,
        ) -> Option<Vec<A>> {
            items.iter().map(number).collect()
        }
        if items.is_empty() {
            return Self::List(items);
        }
        let float = |value: &Self| match value {
            Self::Floats { shape, data } if shape.is_empty() => Some(data[0]),
            _ => None,
        };
        let int = |value: &Self| match value {
            Self::Ints { shape, data } if shape.is_empty() => Some(data[0]),
            _ => None,
        };
        if let Some(data) = single(&items, float) {
            return Self::Floats { shape: vec![data.len()], data };
        }
        if let Some(data) = single(&items, int) {
            return Self::Ints { shape: vec![data.len()], data };
        }
        Self::List(items)
    }

    /// The items of a list or of an array of rank 1.
    ///
    /// # Errors
    /// Anything else.
    pub fn items(self) -> Result<Vec<Self>, String> {
        match self {
            Self::List(items) => Ok(items),
            Self::Floats { shape, data } if shape.len() == 1 => {
                Ok(data.into_iter().map(Self::float).collect())
            }
            Self::Ints { shape, data } if shape.len() == 1 => {
                Ok(data.into_iter().map(Self::int).collect())
            }
            other => Err(format!("expected a list, got {}", other.kind())),
        }
    }
}

//! Values as bytes, little-endian: a tag, then lengths and contents.
//!
//! Reading trusts nothing: a length is believed only as far as there are bytes, and nesting ends at
//! [`DEPTH`]. The other side may be a learner's program that has lost its mind.

use crate::Value;

/// How deeply values may be nested.
pub const DEPTH: usize = 16;

/// Appends a value.
pub fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Floats { shape, data } => {
            out.push(0);
            write_shape(shape, out);
            data.iter().for_each(|x| out.extend(x.to_le_bytes()));
        }
        Value::Ints { shape, data } => {
            out.push(1);
            write_shape(shape, out);
            data.iter().for_each(|n| out.extend(n.to_le_bytes()));
        }
        Value::Bool(yes) => out.extend([2, u8::from(*yes)]),
        Value::Text(text) => {
            out.push(3);
            write_text(text, out);
        }
        Value::List(items) => {
            out.push(4);
            write_items(items, out);
        }
        Value::Tuple(items) => {
            out.push(5);
            write_items(items, out);
        }
        Value::Record(fields) => {
            out.push(6);
            write_length(fields.len(), out);
            for (name, value) in fields {
                write_text(name, out);
                write(value, out);
            }
        }
        Value::Maybe(value) => {
            out.extend([7, u8::from(value.is_some())]);
            value.iter().for_each(|value| write(value, out));
        }
    }
}

fn write_length(length: usize, out: &mut Vec<u8>) {
    out.extend((length as u64).to_le_bytes());
}

fn write_shape(shape: &[usize], out: &mut Vec<u8>) {
    write_length(shape.len(), out);
    shape.iter().for_each(|&size| write_length(size, out));
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    write_length(text.len(), out);
    out.extend(text.as_bytes());
}

fn write_items(items: &[Value], out: &mut Vec<u8>) {
    write_length(items.len(), out);
    items.iter().for_each(|item| write(item, out));
}

/// Takes a value off the front of `bytes`.
///
/// # Errors
/// Bytes that are no value.
pub fn read(bytes: &mut &[u8]) -> Result<Value, String> {
    read_nested(bytes, DEPTH)
}

fn read_nested(bytes: &mut &[u8], depth: usize) -> Result<Value, String> {
    let depth = depth.checked_sub(1).ok_or("a value is nested too deeply")?;
    Ok(match take::<1>(bytes)?[0] {
        0 => {
            let (shape, count) = read_shape(bytes)?;
            let data = (0..count).map(|_| Ok(f64::from_le_bytes(take(bytes)?)));
            Value::Floats { shape, data: data.collect::<Result<_, String>>()? }
        }
        1 => {
            let (shape, count) = read_shape(bytes)?;
            let data = (0..count).map(|_| Ok(i64::from_le_bytes(take(bytes)?)));
            Value::Ints { shape, data: data.collect::<Result<_, String>>()? }
        }
        2 => Value::Bool(take::<1>(bytes)?[0] != 0),
        3 => Value::Text(read_text(bytes)?),
        4 => Value::List(read_items(bytes, depth)?),
        5 => Value::Tuple(read_items(bytes, depth)?),
        6 => {
            let count = read_length(bytes)?;
            let field = |_| Ok((read_text(bytes)?, read_nested(bytes, depth)?));
            Value::Record((0..count).map(field).collect::<Result<_, String>>()?)
        }
        7 => match take::<1>(bytes)?[0] {
            0 => Value::Maybe(None),
            _ => Value::Maybe(Some(Box::new(read_nested(bytes, depth)?))),
        },
        tag => return Err(format!("no value begins with {tag}")),
    })
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], String> {
    let (first, rest) = bytes.split_first_chunk::<N>().ok_or("the bytes end too early")?;
    *bytes = rest;
    Ok(*first)
}

/// A length, no larger than the bytes that are left.
fn read_length(bytes: &mut &[u8]) -> Result<usize, String> {
    let length = u64::from_le_bytes(take(bytes)?);
    usize::try_from(length)
        .ok()
        .filter(|&length| length <= bytes.len())
        .ok_or_else(|| "a length goes beyond the bytes".into())
}

/// A shape, and how many elements it has.
fn read_shape(bytes: &mut &[u8]) -> Result<(Vec<usize>, usize), String> {
    let axes = read_length(bytes)?;
    if axes > DEPTH {
        return Err("an array has too many axes".into());
    }
    let shape: Vec<usize> = (0..axes)
        .map(|_| Ok(u64::from_le_bytes(take(bytes)?) as usize))
        .collect::<Result<_, String>>()?;
    let count = shape.iter().try_fold(1_usize, |count, &size| count.checked_mul(size));
    match count.filter(|&count| count <= bytes.len() / 8) {
        Some(count) => Ok((shape, count)),
        None => Err("an array is larger than its bytes".into()),
    }
}

fn read_text(bytes: &mut &[u8]) -> Result<String, String> {
    let length = read_length(bytes)?;
    let (text, rest) = bytes.split_at(length);
    *bytes = rest;
    Ok(String::from_utf8_lossy(text).into_owned())
}

fn read_items(bytes: &mut &[u8], depth: usize) -> Result<Vec<Value>, String> {
    let count = read_length(bytes)?;
    (0..count).map(|_| read_nested(bytes, depth)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Wire, record};

    #[test]
    fn every_kind_of_value_comes_back() {
        let value = (
            ndarray::array![[1.5, f64::NEG_INFINITY], [-0.0, 3.0]],
            vec![3_usize, 4],
            (true, "h\u{e9}llo".to_owned()),
            vec![Some(vec![1.0]), None],
            record! { h: 2.0, c: vec!['a', 'b'] },
        )
            .encode();
        let mut bytes = Vec::new();
        write(&value, &mut bytes);
        assert_eq!(read(&mut bytes.as_slice()), Ok(value));
    }

    #[test]
    fn broken_bytes_are_refused_without_allocating_what_they_claim() {
        let huge = [&[4][..], &u64::MAX.to_le_bytes()].concat();
        assert!(read(&mut huge.as_slice()).is_err());
        let wide = [&[0][..], &2_u64.to_le_bytes(), &[255; 8], &[255; 8]].concat();
        assert!(read(&mut wide.as_slice()).is_err());
        let deep: Vec<u8> = [7, 1].repeat(1000);
        assert!(read(&mut deep.as_slice()).unwrap_err().contains("nested"));
        let mut bytes = Vec::new();
        write(&vec![1.0, 2.0].encode(), &mut bytes);
        for length in 0..bytes.len() {
            assert!(read(&mut &bytes[..length]).is_err());
        }
    }
}

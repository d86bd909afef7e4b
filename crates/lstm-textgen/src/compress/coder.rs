//! Arithmetic coding (Rissanen 1976; in the integer form of Witten, Neal & Cleary 1987).
//!
//! A message is an interval. It begins as all numbers of 32 bits; each symbol narrows it to that
//! symbol's share:
//!
//! ```text
//! range = high - low + 1
//! high  = low + range · above / total - 1        the symbol's share is below..above of total
//! low   = low + range · below / total
//! ```
//!
//! Leading bits on which low and high agree are written and shifted out. Where low and high close in
//! on the middle without agreeing (0111... and 1000...), the second bit is taken out and counted; it is
//! written, inverted, after the next bit that they agree on. A symbol of probability p costs
//! −log₂ p bits, and all of them together at most two bits more.
//!
//! Only whole numbers are used, so encoder and decoder agree on every machine, as long as both are
//! given the same shares.

/// The largest total that shares may have: range is at least 2³⁰, so every share keeps at least
/// one number.
pub const MOST: u32 = 1 << 30;

const HALF: u32 = 1 << 31;
const QUARTER: u32 = 1 << 30;

/// A symbol's share: the numbers `below..above` of `total`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// The sum of the shares before it.
    pub below: u32,
    /// The same with its own.
    pub above: u32,
    /// The sum of all.
    pub total: u32,
}

impl Share {
    /// Narrows an interval; (low, high), both inclusive.
    fn narrow(self, low: u32, high: u32) -> (u32, u32) {
        debug_assert!(self.below < self.above && self.above <= self.total && self.total <= MOST);
        let range = u64::from(high - low) + 1;
        let at = |part: u32| range * u64::from(part) / u64::from(self.total);
        let low = u64::from(low);
        ((low + at(self.below)) as u32, (low + at(self.above) - 1) as u32)
    }
}

/// Writes symbols as bits.
#[derive(Debug)]
pub struct Encoder {
    low: u32,
    high: u32,
    pending: usize,
    bits: BitWriter,
}

impl Default for Encoder {
    fn default() -> Self {
        Self { low: 0, high: u32::MAX, pending: 0, bits: BitWriter::default() }
    }
}

impl Encoder {
    /// Writes the symbol with this share.
    pub fn encode(&mut self, share: Share) {
        (self.low, self.high) = share.narrow(self.low, self.high);
        loop {
            if self.high < HALF {
                self.emit(false);
            } else if self.low >= HALF {
                self.emit(true);
                (self.low, self.high) = (self.low - HALF, self.high - HALF);
            } else if self.low >= QUARTER && self.high < HALF + QUARTER {
                self.pending += 1;
                (self.low, self.high) = (self.low - QUARTER, self.high - QUARTER);
            } else {
                return;
            }
            (self.low, self.high) = (2 * self.low, 2 * self.high + 1);
        }
    }

    fn emit(&mut self, bit: bool) {
        self.bits.push(bit);
        for _ in 0..std::mem::take(&mut self.pending) {
            self.bits.push(!bit);
        }
    }

    /// The bytes of the message.
    pub fn finish(mut self) -> Vec<u8> {
        // Two more bits name a quarter that lies within the interval.
        self.pending += 1;
        let bit = self.low >= QUARTER;
        self.emit(bit);
        self.bits.bytes
    }
}

/// Reads what an [`Encoder`] wrote.
#[derive(Debug)]
pub struct Decoder<'a> {
    low: u32,
    high: u32,
    code: u32,
    bits: BitReader<'a>,
}

impl<'a> Decoder<'a> {
    /// Begins to read a message; behind its end it reads zeros.
    pub fn new(bytes: &'a [u8]) -> Self {
        let mut bits = BitReader { bytes, at: 0 };
        let code = (0..32).fold(0, |code, _| code << 1 | u32::from(bits.next()));
        Self { low: 0, high: u32::MAX, code, bits }
    }

    /// Which number of `total` the message points at: it lies in the next symbol's share.
    pub fn position(&self, total: u32) -> u32 {
        let range = u64::from(self.high - self.low) + 1;
        let offset = u64::from(self.code - self.low) + 1;
        ((offset * u64::from(total) - 1) / range) as u32
    }

    /// Takes the symbol with this share off the message.
    pub fn advance(&mut self, share: Share) {
        (self.low, self.high) = share.narrow(self.low, self.high);
        loop {
            let taken = if self.high < HALF {
                0
            } else if self.low >= HALF {
                HALF
            } else if self.low >= QUARTER && self.high < HALF + QUARTER {
                QUARTER
            } else {
                return;
            };
            (self.low, self.high) = (2 * (self.low - taken), 2 * (self.high - taken) + 1);
            self.code = (self.code.wrapping_sub(taken)) << 1 | u32::from(self.bits.next());
        }
    }
}

#[derive(Debug, Default)]
struct BitWriter {
    bytes: Vec<u8>,
    used: u32,
}

impl BitWriter {
    fn push(&mut self, bit: bool) {
        if self.used.is_multiple_of(8) {
            self.bytes.push(0);
            self.used = 0;
        }
        let last = self.bytes.last_mut().expect("a byte was just pushed");
        *last |= u8::from(bit) << (7 - self.used);
        self.used += 1;
    }
}

#[derive(Debug)]
struct BitReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl BitReader<'_> {
    fn next(&mut self) -> bool {
        let byte = self.bytes.get(self.at / 8).copied().unwrap_or(0);
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        bit == 1
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn shares(counts: &[u32]) -> Vec<Share> {
        let total = counts.iter().sum();
        let mut below = 0;
        let share = |&count: &u32| {
            below += count;
            Share { below: below - count, above: below, total }
        };
        counts.iter().map(share).collect()
    }

    fn there_and_back(counts: &[u32], message: &[usize]) -> usize {
        let shares = shares(counts);
        let mut encoder = Encoder::default();
        message.iter().for_each(|&symbol| encoder.encode(shares[symbol]));
        let bytes = encoder.finish();
        let mut decoder = Decoder::new(&bytes);
        for &expected in message {
            let position = decoder.position(shares[0].total);
            let symbol = shares.iter().position(|share| position < share.above).unwrap();
            assert_eq!(symbol, expected);
            decoder.advance(shares[symbol]);
        }
        bytes.len()
    }

    #[test]
    fn what_was_encoded_is_decoded_at_the_price_of_its_probability() {
        let rng = &mut ChaCha8Rng::seed_from_u64(1);
        let extremes = [MOST - 9, 1, 1, 1, 1, 1, 1, 1, 1, 1];
        for counts in [&[1, 2, 3, 4][..], &[1, 999_999], &extremes, &[5], &[1; 1000]] {
            let total: u32 = counts.iter().sum();
            let shares = shares(counts);
            let message: Vec<usize> = (0..5000)
                .map(|_| {
                    let at = rng.random_range(0..total);
                    shares.iter().position(|share| at < share.above).unwrap()
                })
                .collect();
            let bits = |s: usize| -(f64::from(counts[s]) / f64::from(total)).log2();
            let ideal: f64 = message.iter().map(|&s| bits(s)).sum();
            let bytes = there_and_back(counts, &message) as f64;
            assert!(bytes >= (ideal / 8.0).floor(), "{bytes} bytes for {ideal} bits");
            assert!(bytes <= ideal / 8.0 + 2.0, "{bytes} bytes for {ideal} bits");
        }
    }

    #[test]
    fn the_least_probable_symbol_again_and_again() {
        there_and_back(&[MOST - 1, 1], &[1; 300]);
        there_and_back(&[1, MOST - 2, 1], &[0, 2, 0, 2, 2, 2, 0, 0, 1, 1, 1, 0]);
        assert_eq!(there_and_back(&[1, 1], &[]), 1);
    }
}

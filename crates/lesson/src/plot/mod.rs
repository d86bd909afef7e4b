//! Figures: SVG for the report, characters for the terminal.
//!
//! [`LineChart`], [`Scatter`], [`BarChart`] and [`HeatMap`] collect data and `render()` a [`Figure`].
//! The drawing goes through `plotters` with its SVG backend and no font libraries. Without fonts
//! plotters takes a text for 0.7 em a *byte*, so that "°C" or "é" push a legend apart; all text is
//! therefore laid out here, with the small width table of `text.rs`.
//!
//! Conventions: values that are not finite are gaps; every figure has an alternative text; the same
//! data give the same bytes; colours are the Okabe-Ito palette and follow the reader's light or dark
//! setting; lines differ by dash as well as by colour.

/// The methods that several charts share, each written once: `setters!(Chart: new, x, caption);`.
macro_rules! setters {
    ($chart:ty: $($method:ident),+) => {
        impl $chart { $(setters!(@$method);)+ }
    };
    (@new) => {
        /// A chart with a title and the text for readers who do not see it.
        pub fn new(title: impl Into<String>, alt: impl Into<String>) -> Self {
            Self { title: title.into(), alt: alt.into(), ..Self::default() }
        }
    };
    (@x) => {
        /// The x axis's label, with its unit.
        pub fn x(mut self, label: impl Into<String>) -> Self {
            self.x_label = label.into();
            self
        }
    };
    (@y) => {
        /// The y axis's label, with its unit.
        pub fn y(mut self, label: impl Into<String>) -> Self {
            self.y_label = label.into();
            self
        }
    };
    (@caption) => {
        /// The sentence below.
        pub fn caption(mut self, caption: impl Into<String>) -> Self {
            self.caption = caption.into();
            self
        }
    };
    (@scale) => {
        /// How values become colours; sequential unless told otherwise.
        pub fn scale(mut self, scale: Scale) -> Self {
            self.scale = scale;
            self
        }
    };
    (@range) => {
        /// The values at the ends of the scale, for what is compared; the data's own otherwise.
        pub fn range(mut self, low: f64, high: f64) -> Self {
            self.range = (low.is_finite() && high.is_finite() && low <= high).then_some((low, high));
            self
        }
    };
}

pub(crate) mod axis;
mod bar;
mod canvas;
mod frame;
pub(crate) mod heat;
mod line;
mod palette;
mod scatter;
mod table;

pub(crate) use axis::number;

pub use bar::BarChart;
pub use heat::{HeatMap, Scale, TextHeat};
pub use line::LineChart;
pub use scatter::Scatter;
pub use table::Table;

/// A finished figure, ready for a report or an `.svg` file.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The title, which also stands in the drawing.
    pub title: String,
    /// The drawing: one `<svg>` element.
    pub svg: String,
    /// What a reader who does not see the drawing should know.
    pub alt: String,
    /// The sentence below the figure; may be empty.
    pub caption: String,
    /// The numbers behind the drawing.
    pub data: Table,
}

#[cfg(test)]
pub(crate) mod checks;

extension Unicode.Scalar {
    /// Whether it leaves the page as it is: white space, and what by Unicode's own word is not shown where nothing
    /// knows what to do with it (Default_Ignorable_Code_Point, such as the zero-width space and the Hangul filler).
    package var isBlank: Bool { properties.isWhitespace || properties.isDefaultIgnorableCodePoint }
}

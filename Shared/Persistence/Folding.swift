package import Postgres

/// Texts without regard to case: e-mail addresses, and what a search looks for and in.
///
/// PostgreSQL does it, in one function, so that a column is folded whoever writes its row, an older version of a
/// service included, and both sides of a comparison are folded by the same code.
package enum Folding {
    /// Makes the function `fold(text)` in the schema that is being migrated: NFC, then simple case folding (Unicode's
    /// CaseFolding.txt, status C and S), whatever the locale of the database.
    ///
    /// Part of migrations that have been applied, so it stays as it is. Another way of folding is another function.
    package static let definition = Array(
        #"""
        -- Texts that are the same but for case and for the way their accents are encoded become equal.
        create function fold(value text) returns text language sql immutable parallel safe as $$
            select case
                -- Only ASCII, as nearly always: much faster, and the same.
                when octet_length(value) = length(value) then lower(value collate "C") collate "default"
                -- ICU's lower case, which is in every database and knows no locale by this name, is folding but for these.
                when value !~ U&'[\00B5\0130\017F\0307\0345\03A3\03C2\03D0\03D1\03D5\03D6\03F0\03F1\03F5\1C80-\1C88\1E9B]'
                    then lower(case when value is nfc normalized then value else normalize(value, NFC) end
                        collate "und-x-icu") collate "default"
                -- Letters that folding joins and lower case keeps apart: long s, final sigma, which is also made of a capital,
                -- Greek symbols, old Cyrillic forms. And the capital I with a dot, of which lower case makes two characters
                -- and folding nothing: it is kept out of the way as a code point that no text has.
                else translate(
                    lower(replace(normalize(value, NFC), U&'\0130', U&'\FDD0') collate "und-x-icu") collate "default",
                    U&'\00B5\017F\0345\03C2\03D0\03D1\03D5\03D6\03F0\03F1\03F5\1C80\1C81\1C82\1C83\1C84\1C85\1C86\1C87\1C88\1E9B',
                    U&'\03BC\0073\03B9\03C3\03B2\03B8\03C6\03C0\03BA\03C1\03B5\0432\0434\043E\0441\0442\0442\044A\0463\A64B\1E61')
            end
        $$;

        """#.utf8)

    /// A pattern for `like` that finds `text`, literally and without regard to case, in what `fold` has made.
    package static func pattern(finding text: String) -> SQL {
        var literal = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if scalar == "%" || scalar == "_" || scalar == "\\" { literal.append("\\") }
            literal.append(scalar)
        }
        return "'%' || fold(\(String(literal))) || '%'"
    }
}

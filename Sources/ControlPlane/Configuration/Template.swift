/// A text with `{name}` in it, as filters and redirects use it. This is only the check; the filters compile it.
enum Template {
    struct Problem: Error, Equatable {
        var message: String
        var offset: Int
    }

    /// One `{name}` of a template.
    struct Placeholder: Equatable {
        var name: String
        var offset: Int
    }

    /// The placeholders in order. A brace that is no part of a placeholder is an error.
    static func placeholders(_ content: ArraySlice<UInt8>) throws(Problem) -> [Placeholder] {
        var found: [Placeholder] = []
        var index = content.startIndex
        while index < content.endIndex {
            let offset = index - content.startIndex
            switch content[index] {
            case UInt8(ascii: "}"):
                throw Problem(message: "`}` without `{`", offset: offset)
            case UInt8(ascii: "{"):
                guard let end = content[index...].firstIndex(of: UInt8(ascii: "}")) else {
                    throw Problem(message: "`{` without `}`", offset: offset)
                }
                let name = content[(index + 1)..<end]
                guard name.elementsEqual("**".utf8) || PathText.isCaptureName(name) else {
                    throw Problem(
                        message: "`{\(String(decoding: name, as: UTF8.self))}` is not a placeholder", offset: offset)
                }
                found.append(Placeholder(name: String(decoding: name, as: UTF8.self), offset: offset))
                index = end + 1
            default: index += 1
            }
        }
        return found
    }
}

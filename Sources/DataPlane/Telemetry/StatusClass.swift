/// The first digit of a status, as counted in metrics. A status outside 100...599 counts as class 0: no answer was
/// sent.
enum StatusClass {
    /// Classes, 0 included.
    static let count = 6

    /// The class of a status, 0...5.
    static func index(_ status: Int) -> Int {
        status >= 100 && status < 600 ? status / 100 : 0
    }

    /// The value of the label `code`.
    static func label(_ index: Int) -> StaticString {
        switch index {
        case 1: "1xx"
        case 2: "2xx"
        case 3: "3xx"
        case 4: "4xx"
        case 5: "5xx"
        default: "none"
        }
    }
}

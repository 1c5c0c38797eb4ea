internal import Kernel

/// The bytes of all names, values and literal segments of a table, each text once.
struct TextTable {
    struct Place {
        var start: UInt32
        var count: UInt32
    }

    private(set) var bytes: [UInt8] = []
    private var places: [String: Place] = [:]

    /// The place of a text, which is added when it is new.
    mutating func place(of text: String) -> Place {
        if let place = places[text] { return place }
        let place = Place(start: UInt32(bytes.count), count: UInt32(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
        places[text] = place
        return place
    }
}

/// Open addressing with linear probing: sizes are powers of two, and at most half of the rows are taken.
enum OpenAddressing {
    /// The size for `count` entries.
    static func size(for count: Int) -> Int {
        var size = 4
        while size < 2 * count { size *= 2 }
        return size
    }
}

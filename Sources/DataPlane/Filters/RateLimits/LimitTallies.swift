internal import Kernel

/// What a limit has done, counted by all shards: words that any of them adds to.
final class LimitTallies: Sendable {
    private let words = SharedWords(count: SharedWords.lineWords)

    enum Kind: Int {
        case allowed, refused, shadowRefused
    }

    func count(_ kind: Kind) { _ = words.add(kind.rawValue, 1) }

    var figures: LimitFigures {
        LimitFigures(
            allowed: words[Kind.allowed.rawValue], refused: words[Kind.refused.rawValue],
            shadowRefused: words[Kind.shadowRefused.rawValue])
    }
}

internal import CLinux

extension SystemThread {
    /// Makes the calling thread give way to the others of the machine when there are too few processors for all. Threads that it
    /// starts from now on inherit this. `niceness` is 0...19; a thread without privileges cannot go back.
    public static func giveWay(niceness: Int) throws(SystemError) {
        precondition((0...19).contains(niceness))
        _ = try SystemError.check(cl_thread_niceness(Int32(niceness)))
    }
}

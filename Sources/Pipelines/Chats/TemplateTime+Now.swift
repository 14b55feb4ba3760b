import PenstockTemplates

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension TemplateTime {
    /// The moment in the time zone of the machine, as upstream's `strftime_now` has it.
    static var now: TemplateTime {
        var seconds = time(nil)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return TemplateTime(secondsSince1970: Int(seconds), offset: Int(parts.tm_gmtoff))
    }
}

#pragma once

#include <boost/system/result.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace sportello::base {

/// What the caller can do about a failure. HTTP status, retry and log level follow from this and from nothing else.
enum class ErrorKind {
    invalid_input,   ///< the caller must change what it sent (400, 422)
    unauthenticated, ///< log in first (401)
    forbidden,       ///< this person may not do that (403)
    not_found,       ///< there is no such thing, or the caller may not see it (404)
    conflict,        ///< somebody was faster; read again, then decide (409, 412)
    too_many,        ///< slow down (429)
    unavailable,     ///< try again later; nothing was changed (503)
    internal         ///< a defect of ours (500)
};

/// One bad field of an input: where (a JSON pointer such as "/text", or "query:limit") and what was expected.
struct FieldError {
    std::string pointer;
    std::string detail;
};

/// A failure and the story of how it came about: "take ticket 1042: already with agent 7".
class Error {
public:
    Error() = default;
    Error(ErrorKind kind, std::string what) : kind_(kind), what_(std::move(what)) {}
    Error(ErrorKind kind, std::string what, std::vector<FieldError> fields)
        : kind_(kind), what_(std::move(what)), fields_(std::move(fields))
    {
    }

    /// The same failure, told by the caller: `context` goes in front of what is there.
    [[nodiscard]] Error while_doing(std::string_view context) const { return Error(kind_, std::string(context) + ": " + what_, fields_); }

    [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }
    [[nodiscard]] const std::string& what() const noexcept { return what_; }
    [[nodiscard]] const std::vector<FieldError>& fields() const noexcept { return fields_; }

private:
    ErrorKind kind_ = ErrorKind::internal;
    std::string what_;
    std::vector<FieldError> fields_;
};

/// Called by boost::system::result::value() when there is none: a programming error of the caller.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

/// A value, or the reason why there is none. Returned where a caller decides; an exception means nobody on the way could.
template <class T> using Result = boost::system::result<T, Error>;

} // namespace sportello::base

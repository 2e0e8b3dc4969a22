#include <sportello/domain/text_pattern.hpp>

#include <re2/re2.h>
#include <re2/stringpiece.h>

namespace sportello::domain {
namespace {

constexpr std::int64_t most_memory = 1 << 21;

RE2::Options options()
{
    RE2::Options given;
    given.set_log_errors(false);
    given.set_max_mem(most_memory);
    given.set_case_sensitive(false);
    given.set_never_capture(true);
    return given;
}

} // namespace

struct TextPattern::Compiled {
    explicit Compiled(std::string_view pattern) : source(pattern), expression(source, options()) {}
    std::string source;
    RE2 expression;
};

base::Result<TextPattern> TextPattern::compile(std::string_view pattern)
{
    if (pattern.empty()) return base::Error(base::ErrorKind::invalid_input, "the pattern is empty");
    if (pattern.size() > longest) return base::Error(base::ErrorKind::invalid_input, "the pattern is longer than 1000 bytes");
    auto compiled = std::make_shared<const Compiled>(pattern);
    if (!compiled->expression.ok()) return base::Error(base::ErrorKind::invalid_input, compiled->expression.error());
    return TextPattern(std::move(compiled));
}

bool TextPattern::matches(std::string_view text) const
{
    return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), compiled_->expression);
}

const std::string& TextPattern::source() const
{
    return compiled_->source;
}

} // namespace sportello::domain

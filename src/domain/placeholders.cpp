#include <sportello/base/text.hpp>
#include <sportello/domain/placeholders.hpp>

#include <algorithm>

namespace sportello::domain {
namespace {

constexpr std::string_view opening = "{{";
constexpr std::string_view closing = "}}";

bool is_known(std::string_view name)
{
    return std::ranges::binary_search(placeholder_names(), name);
}

/// Calls `plain` for what stands outside of braces and `named` for what stands inside, in order.
template <class Plain, class Named> void walk(std::string_view text, Plain plain, Named named)
{
    while (true) {
        const auto begin = text.find(opening);
        const auto end = begin == std::string_view::npos ? begin : text.find(closing, begin);
        if (end == std::string_view::npos) break;
        plain(text.substr(0, begin));
        named(base::trim(text.substr(begin + opening.size(), end - begin - opening.size())),
              text.substr(begin, end + closing.size() - begin));
        text.remove_prefix(end + closing.size());
    }
    plain(text);
}

} // namespace

const std::vector<std::string_view>& placeholder_names()
{
    static const std::vector<std::string_view> names{"agent.name", "brand.name", "customer.handle", "customer.name",
                                                     "signature",  "ticket.id",  "ticket.subject"};
    return names;
}

std::optional<std::string> wrong_placeholder(std::string_view text)
{
    std::optional<std::string> unknown;
    walk(
        text, [](std::string_view) {},
        [&](std::string_view name, std::string_view) {
            if (!unknown && !is_known(name)) unknown = std::string(name);
        });
    if (!unknown) return std::nullopt;
    std::string wrong = "there is no placeholder {{" + *unknown + "}}; there are";
    for (const std::string_view name : placeholder_names())
        wrong += (name == placeholder_names().front() ? " {{" : ", {{") + std::string(name) + "}}";
    return wrong;
}

Expansion expand(std::string_view text, const std::function<std::string(std::string_view name)>& value_of)
{
    Expansion expansion;
    walk(
        text, [&](std::string_view plain) { expansion.text += plain; },
        [&](std::string_view name, std::string_view whole) {
            if (!is_known(name)) {
                expansion.text += whole;
                return;
            }
            const std::string value = value_of(name);
            expansion.text += value;
            if (value.empty() && std::ranges::find(expansion.missing, name) == expansion.missing.end())
                expansion.missing.emplace_back(name);
        });
    return expansion;
}

} // namespace sportello::domain

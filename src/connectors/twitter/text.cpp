#include "text.hpp"

#include <sportello/base/text.hpp>

#include <algorithm>
#include <vector>

namespace sportello::connectors::twitter {
namespace {

/// Where a short link stands, in bytes, and what takes its place.
struct Replacement {
    std::size_t begin = 0;
    std::size_t end = 0;
    std::string text;
};

/// Byte offsets of the code points, and of the end.
std::vector<std::size_t> code_point_offsets(std::string_view text)
{
    std::vector<std::size_t> offsets;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if ((static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U) offsets.push_back(at);
    }
    offsets.push_back(text.size());
    return offsets;
}

std::vector<Replacement> find_replacements(std::string_view text, const Json& urls, const std::function<bool(const std::string&)>& attached)
{
    const auto offsets = code_point_offsets(text);
    std::vector<Replacement> found;
    for (const Json& entity : elements(urls)) {
        const std::string link = text_of(member(entity, "url"));
        std::string target = text_of(member(entity, "expanded_url"));
        if (link.empty() || target.empty()) continue;
        if (const auto key = id_of(member(entity, "media_key")); !key.empty() && attached(key)) target.clear();

        const auto start = integer_of(member(entity, "start"));
        std::size_t begin = std::string_view::npos;
        if (start && *start >= 0 && static_cast<std::size_t>(*start) < offsets.size()) {
            begin = offsets[static_cast<std::size_t>(*start)];
        }
        if (begin == std::string_view::npos || text.substr(begin, link.size()) != link) begin = text.find(link);
        if (begin != std::string_view::npos) found.push_back({begin, begin + link.size(), std::move(target)});
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
    return found;
}

} // namespace

std::string readable_text(const Json& text, const Json& entities, const std::function<bool(const std::string&)>& attached)
{
    const std::string raw = text_of(text);
    std::string readable;
    std::size_t at = 0;
    for (const auto& [begin, end, target] : find_replacements(raw, member(entities, "urls"), attached)) {
        if (begin < at) continue; // two entities claim the same place
        readable += base::unescape_html(std::string_view(raw).substr(at, begin - at));
        readable += target;
        at = end;
    }
    readable += base::unescape_html(std::string_view(raw).substr(at));
    if (at > 0 && at == raw.size()) return std::string(base::trim(readable));
    return readable;
}

} // namespace sportello::connectors::twitter

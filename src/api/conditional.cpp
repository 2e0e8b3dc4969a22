#include "conditional.hpp"

#include <sportello/base/digest.hpp>

#include <algorithm>

namespace sportello::api {
namespace {

constexpr std::size_t digest_length = 20; // 80 bits: nobody gains by a collision but the one who made it

std::string_view opaque(std::string_view tag)
{
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') tag = tag.substr(1, tag.size() - 2);
    return tag;
}

std::string_view revision_of(std::string_view tag)
{
    const auto bare = opaque(tag);
    const auto dash = bare.find('-');
    const auto revision = bare.substr(0, dash);
    const bool number = !revision.empty() && revision.size() < 12 && revision.find_first_not_of("0123456789") == std::string_view::npos;
    return number ? revision : std::string_view();
}

/// Whether one of the tags of a field ("\"a\", W/\"b\"", or `*`) fits.
template <class Fits> bool any_tag(std::string_view field, Fits&& fits)
{
    while (!field.empty()) {
        const auto end = std::min(field.find(','), field.size());
        auto tag = field.substr(0, end);
        field.remove_prefix(std::min(end + 1, field.size()));
        while (tag.starts_with(' ')) tag.remove_prefix(1);
        while (tag.ends_with(' ')) tag.remove_suffix(1);
        if (tag == "*" || (!tag.empty() && fits(tag))) return true;
    }
    return false;
}

} // namespace

void add_tag(http::Response& response)
{
    if (response.status < 200 || response.status >= 300 || response.body.empty() || response.stream || response.websocket) return;
    const auto set = std::string(response.headers.find("ETag").value_or(""));
    const auto digest = base::sha256_hex(response.body).substr(0, digest_length);
    const auto revision = revision_of(set);
    if (!set.empty() && revision.empty()) return; // the handler's own
    response.headers.set("ETag", revision.empty() ? '"' + digest + '"' : '"' + std::string(revision) + '-' + digest + '"');
}

http::Response unless_known(const http::Request& request, http::Response response)
{
    const auto field = request.headers.find("If-None-Match");
    const auto tag = response.headers.find("ETag");
    if (!field || !tag || response.status != 200) return response;
    const bool known = any_tag(*field, [&](std::string_view one) { return opaque(one) == opaque(*tag); });
    if (!known) return response;
    auto unchanged = http::Response::empty(304);
    unchanged.headers.set("ETag", std::string(*tag));
    return unchanged;
}

bool is_wanted(const http::Request& request, const http::Response& present)
{
    const auto field = request.headers.find("If-Match");
    const auto tag = present.headers.find("ETag").value_or("");
    const auto revision = revision_of(tag);
    return any_tag(*field,
                   [&](std::string_view one) { return revision.empty() ? opaque(one) == opaque(tag) : revision_of(one) == revision; });
}

} // namespace sportello::api

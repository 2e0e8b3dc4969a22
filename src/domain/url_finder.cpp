#include "url_finder.hpp"

#include "top_level_domains.hpp"
#include "url_characters.hpp"

#include <unicode/uidna.h>

#include <algorithm>
#include <optional>
#include <string>

namespace sportello::domain {
namespace {

constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_url = 4096;
constexpr std::size_t longest_short_link_slug = 40;

/// Length of a host's label in DNS, or more than 63 when it cannot be one.
std::size_t encoded_label_length(std::u32string_view label)
{
    if (std::ranges::all_of(label, [](char32_t c) { return c < 0x80; })) return label.size();
    UErrorCode status = U_ZERO_ERROR;
    static const UIDNA* const idna = uidna_openUTS46(UIDNA_DEFAULT, &status);
    const auto bytes = to_utf8(label);
    char ascii[256];
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    const auto length =
        uidna_labelToASCII_UTF8(idna, bytes.data(), static_cast<std::int32_t>(bytes.size()), ascii, sizeof ascii, &info, &status);
    return U_FAILURE(status) ? longest_label + 1 : static_cast<std::size_t>(length);
}

bool has_valid_labels(std::u32string_view host)
{
    while (true) {
        const auto dot = host.find(U'.');
        const auto length = encoded_label_length(host.substr(0, dot));
        if (length == 0 || length > longest_label) return false;
        if (dot == std::u32string_view::npos) return true;
        host.remove_prefix(dot + 1);
    }
}

class UrlFinder {
public:
    explicit UrlFinder(std::u32string_view text) : text_(text) {}

    std::vector<PointSpan> find()
    {
        for (std::size_t at = 0; at < text_.size();) {
            const bool may_begin = at == 0 || may_stand_before_url(text_[at - 1]);
            const auto end = may_begin ? take_url(at) : std::nullopt;
            // The character after a link can only stand before the next one.
            at = end ? *end + 1 : at + 1;
        }
        return std::move(found_);
    }

private:
    [[nodiscard]] char32_t peek(std::size_t at) const { return at < text_.size() ? text_[at] : U'\0'; }

    /// What looks like a link at `begin` is added if it is one. @return its end in any case; nothing if nothing does.
    std::optional<std::size_t> take_url(std::size_t begin)
    {
        const auto host_begin = begin + scheme_length(begin);
        const auto host_end = find_host_end(host_begin);
        if (!host_end) return std::nullopt;
        const auto path_begin = skip_port(*host_end);
        const auto path_end = skip_path(path_begin);
        const auto end = skip_query(path_end);
        const auto host = text_.substr(host_begin, *host_end - host_begin);
        if (end - begin > longest_url || !has_valid_labels(host)) return end;
        if (host_begin == begin) {
            add_without_scheme(begin, *host_end, path_end > path_begin ? std::optional(end) : std::nullopt);
        } else {
            add_with_scheme(begin, host, *host_end, end);
        }
        return end;
    }

    [[nodiscard]] std::size_t scheme_length(std::size_t at) const
    {
        for (const std::u32string_view scheme : {U"https://", U"http://"}) {
            const auto given = text_.substr(at, scheme.size());
            if (std::ranges::equal(given, scheme, {}, to_ascii_lower)) return scheme.size();
        }
        return 0;
    }

    /// The host is the longest chain of labels whose last is a top-level domain; the one before it has no underscore.
    std::optional<std::size_t> find_host_end(std::size_t begin)
    {
        if (begin < barren_until_) return std::nullopt;
        std::optional<std::size_t> end;
        bool met_domain = false;
        auto at = begin;
        while (is_host_character(peek(at)) && at < text_.size()) {
            bool underscore = false;
            const auto label_begin = at;
            while (at < text_.size() && (is_host_character(text_[at]) || text_[at] == U'-' || text_[at] == U'_')) {
                underscore = underscore || text_[at] == U'_';
                ++at;
            }
            if (peek(at) != U'.' || !is_host_character(text_[at - 1]) || at == label_begin) break;
            ++at;
            const auto length = top_level_domain_length(text_.substr(at));
            met_domain = met_domain || length > 0;
            if (length > 0 && !underscore) end = at + length;
        }
        // Where no dot is followed by a top-level domain, no later start finds one either: keeps "a.a.a.a" linear.
        if (!met_domain) barren_until_ = std::max(barren_until_, at);
        return end;
    }

    [[nodiscard]] std::size_t skip_port(std::size_t at) const
    {
        if (peek(at) != U':' || !is_ascii_digit(peek(at + 1))) return at;
        ++at;
        while (is_ascii_digit(peek(at))) ++at;
        return at;
    }

    [[nodiscard]] std::size_t skip_path(std::size_t at) const
    {
        if (peek(at) != U'/') return at;
        auto end = ++at;
        while (at < text_.size()) {
            if (is_path_character(text_[at])) {
                ++at;
                if (may_end_path(text_[at - 1])) end = at;
            } else if (const auto after = skip_parentheses(at)) {
                end = at = *after;
            } else {
                break;
            }
        }
        return end;
    }

    /// "(film)" or "(a(b)c)": parentheses in a path count only in pairs, one inside another at most.
    [[nodiscard]] std::optional<std::size_t> skip_parentheses(std::size_t at) const
    {
        if (peek(at) != U'(') return std::nullopt;
        const auto inside = ++at;
        while (is_path_character(peek(at))) ++at;
        if (peek(at) == U'(') {
            const auto nested = ++at;
            while (is_path_character(peek(at))) ++at;
            if (peek(at) != U')' || at == nested) return std::nullopt;
            ++at;
            while (is_path_character(peek(at))) ++at;
        }
        if (peek(at) != U')' || at == inside) return std::nullopt;
        return at + 1;
    }

    [[nodiscard]] std::size_t skip_query(std::size_t at) const
    {
        if (peek(at) != U'?') return at;
        auto end = at;
        for (++at; at < text_.size() && is_query_character(text_[at]); ++at) {
            if (may_end_query(text_[at])) end = at + 1;
        }
        return end;
    }

    /// Without a scheme only the ASCII part of a host is a link; the last such part takes path and query along.
    void add_without_scheme(std::size_t begin, std::size_t host_end, std::optional<std::size_t> path_end)
    {
        if (begin > 0 && is_one_of(text_[begin - 1], U"-_./")) return;
        bool found = false;
        for (auto at = begin; at < host_end;) {
            const auto end = ascii_host_end(at, host_end);
            if (!end) {
                ++at;
                continue;
            }
            found_.push_back({at, *end});
            found = true;
            at = *end;
        }
        if (found && path_end) found_.back().end = *path_end;
    }

    [[nodiscard]] std::optional<std::size_t> ascii_host_end(std::size_t at, std::size_t host_end) const
    {
        const auto host = text_.substr(0, host_end);
        std::optional<std::size_t> end;
        while (true) {
            const auto label_begin = at;
            while (at < host_end && (is_ascii_alnum(host[at]) || host[at] == U'-' || is_accented_latin(host[at]))) ++at;
            if (at == label_begin || at >= host_end || host[at] != U'.') return end;
            ++at;
            if (const auto length = top_level_domain_length(host.substr(at))) end = at + length;
        }
    }

    void add_with_scheme(std::size_t begin, std::u32string_view host, std::size_t host_end, std::size_t end)
    {
        if (std::ranges::equal(host, std::u32string_view(U"t.co"), {}, to_ascii_lower) && peek(host_end) == U'/') {
            auto slug_end = host_end + 1;
            while (is_ascii_alnum(peek(slug_end))) ++slug_end;
            const auto slug = slug_end - host_end - 1;
            if (slug > longest_short_link_slug) return;
            if (slug > 0) end = skip_query(slug_end);
        }
        found_.push_back({begin, end});
    }

    std::u32string_view text_;
    std::vector<PointSpan> found_;
    std::size_t barren_until_ = 0;
};

} // namespace

std::vector<PointSpan> find_url_points(std::u32string_view text)
{
    if (text.find(U'.') == std::u32string_view::npos) return {};
    return UrlFinder(text).find();
}

} // namespace sportello::domain

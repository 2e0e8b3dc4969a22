#include "punycode.hpp"
#include "twitter_text_tables.hpp"
#include "utf16_spans.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

// One regular expression of twitter-text, `extractUrl`, and what extractUrlsWithIndices makes of its matches, written
// out so that no text takes more than linear time. Each function says which part of the expression it is.

namespace sportello::domain {
namespace {

using Ranges = std::span<const twitter_text::UnitRange>;

constexpr std::size_t longest_label = 63;
constexpr std::size_t longest_url = 4096;
constexpr std::size_t longest_short_link_slug = 40;
constexpr std::size_t default_scheme_length = 8; // "https://" is put before a link that has none
constexpr std::size_t none = std::u16string_view::npos;

bool is_in(char16_t c, Ranges ranges)
{
    const auto range = std::ranges::lower_bound(ranges, c, {}, &twitter_text::UnitRange::last);
    return range != ranges.end() && range->first <= c;
}

bool is_digit(char16_t c)
{
    return c >= u'0' && c <= u'9';
}

char16_t to_lower(char16_t c)
{
    return c >= u'A' && c <= u'Z' ? static_cast<char16_t>(c + 32) : c;
}

bool is_alnum(char16_t c)
{
    return is_digit(c) || (to_lower(c) >= u'a' && to_lower(c) <= u'z');
}

/// "(?=[^0-9a-zA-Z@+-]|$)": a name of a domain ends only there.
bool goes_on(std::u16string_view text, std::size_t at)
{
    return at < text.size() && (is_alnum(text[at]) || text[at] == u'@' || text[at] == u'+' || text[at] == u'-');
}

char16_t folded(char16_t c)
{
    const auto pair = std::ranges::lower_bound(twitter_text::domain_folds, c, {}, &twitter_text::UnitPair::from);
    return pair != twitter_text::domain_folds.end() && pair->from == c ? pair->to : c;
}

std::size_t ascii_domain_length(std::u16string_view text)
{
    constexpr std::size_t longest_name = 24;
    std::u16string word;
    while (word.size() < text.size() && is_alnum(text[word.size()])) {
        if (word.size() == longest_name) return 0;
        word.push_back(to_lower(text[word.size()]));
    }
    if (word.empty() || goes_on(text, word.size())) return 0;
    return std::ranges::binary_search(twitter_text::ascii_domains, std::u16string_view(word)) ? word.size() : 0;
}

std::size_t other_domain_length(std::u16string_view text)
{
    if (text.empty()) return 0;
    for (const auto name : twitter_text::other_domains) {
        if (folded(text[0]) != name[0] || text.size() < name.size()) continue;
        if (std::ranges::equal(text.substr(0, name.size()), name, {}, folded) && !goes_on(text, name.size())) return name.size();
    }
    return 0;
}

/// "xn--[\-0-9a-z]+"
std::size_t punycode_domain_length(std::u16string_view text)
{
    constexpr std::u16string_view prefix = u"xn--";
    if (!std::ranges::equal(text.substr(0, prefix.size()), prefix, {}, to_lower)) return 0;
    auto length = prefix.size();
    while (length < text.size() && (is_alnum(text[length]) || text[length] == u'-')) ++length;
    return length > prefix.size() ? length : 0;
}

/// How many units at the beginning of `text` are a top-level domain after which a host may end; 0 if none.
std::size_t top_level_domain_length(std::u16string_view text)
{
    if (const auto length = ascii_domain_length(text)) return length;
    if (const auto length = other_domain_length(text)) return length;
    return punycode_domain_length(text);
}

/// For each place of a text the answers about the hosts that could begin there, found from behind in one go: where
/// labels follow each other for long, no place is looked at again from each before it.
class Hosts {
public:
    explicit Hosts(std::u16string_view text)
        : text_(text), label_end_(text.size() + 1), underscore_(text.size() + 1), end_(text.size() + 1, none)
    {
        label_end_[text.size()] = text.size();
        underscore_[text.size()] = none;
        for (auto at = text.size(); at-- > 0;) {
            const bool inside = is_label(text[at]) || text[at] == u'-' || text[at] == u'_';
            label_end_[at] = inside ? label_end_[at + 1] : at;
            underscore_[at] = text[at] == u'_' ? at : inside ? underscore_[at + 1] : none;
            if (is_label(text[at])) end_[at] = find_end(at);
        }
    }

    /// Where the longest host that begins at `at` ends; none if none does: labels with a full stop each, the last one
    /// without '_', and a top-level domain.
    [[nodiscard]] std::size_t end(std::size_t at) const { return end_[at]; }

private:
    static bool is_label(char16_t c) { return is_in(c, twitter_text::label); }

    [[nodiscard]] std::size_t find_end(std::size_t at) const
    {
        const auto stop = label_end_[at];
        if (stop >= text_.size() || text_[stop] != u'.' || !is_label(text_[stop - 1])) return none;
        if (const auto further = end_[stop + 1]; further != none) return further;
        if (underscore_[at] != none) return none;
        const auto length = top_level_domain_length(text_.substr(stop + 1));
        return length > 0 ? stop + 1 + length : none;
    }

    std::u16string_view text_;
    std::vector<std::size_t> label_end_;  ///< first place from here on that belongs to no label
    std::vector<std::size_t> underscore_; ///< first '_' of the label from here on
    std::vector<std::size_t> end_;
};

/// What `extractUrl` has matched.
struct Match {
    std::size_t begin, host, host_end, path_end, end; ///< path_end == place after the port when there is no path
    bool has_path;
};

class UrlFinder {
public:
    explicit UrlFinder(std::u16string_view text) : text_(text), hosts_(text) {}

    /// Links by where they begin; of two that begin at one place the later counts.
    std::map<std::size_t, std::size_t> find()
    {
        for (std::size_t at = 0; at < text_.size();) {
            const auto match = match_from(at);
            if (match) take(*match);
            at = match ? match->end : at + 1;
        }
        return std::move(length_of_);
    }

private:
    [[nodiscard]] char16_t peek(std::size_t at) const { return at < text_.size() ? text_[at] : u'\0'; }
    [[nodiscard]] bool is_at(std::size_t at, Ranges ranges) const { return at < text_.size() && is_in(text_[at], ranges); }

    /// The expression takes a character before the link; only at the beginning may there be none.
    [[nodiscard]] std::optional<Match> match_from(std::size_t at) const
    {
        if (is_in(text_[at], twitter_text::before_url)) {
            if (const auto match = match_url(at + 1)) return match;
        }
        return at == 0 ? match_url(0) : std::nullopt;
    }

    [[nodiscard]] std::optional<Match> match_url(std::size_t begin) const
    {
        Match match{begin, begin + scheme_length(begin), 0, 0, 0, false};
        match.host_end = match.host < text_.size() ? hosts_.end(match.host) : none;
        if (match.host_end == none) return std::nullopt;
        const auto path = skip_port(match.host_end);
        match.has_path = peek(path) == u'/';
        match.path_end = match.has_path ? skip_path(path + 1) : path;
        match.end = skip_query(match.path_end);
        return match;
    }

    [[nodiscard]] std::size_t scheme_length(std::size_t at) const
    {
        for (const std::u16string_view scheme : {u"https://", u"http://"}) {
            if (std::ranges::equal(text_.substr(at, scheme.size()), scheme, {}, to_lower)) return scheme.size();
        }
        return 0;
    }

    /// "(?::[0-9]+)?"
    [[nodiscard]] std::size_t skip_port(std::size_t at) const
    {
        if (peek(at) != u':' || !is_digit(peek(at + 1))) return at;
        ++at;
        while (is_digit(peek(at))) ++at;
        return at;
    }

    /// The longest run of path characters and pairs of parentheses that ends as a path may; pairs that follow that end
    /// at once come along, others do not.
    [[nodiscard]] std::size_t skip_path(std::size_t at) const
    {
        auto end = at;
        while (at < text_.size()) {
            if (is_at(at, twitter_text::path)) {
                ++at;
                if (is_at(at - 1, twitter_text::path_end)) end = at;
            } else if (const auto after = skip_parentheses(at)) {
                end = at == end ? *after : end;
                at = *after;
            } else {
                break;
            }
        }
        return end;
    }

    [[nodiscard]] std::size_t skip_path_characters(std::size_t at) const
    {
        while (is_at(at, twitter_text::path)) ++at;
        return at;
    }

    /// "(film)" or "(a(b)c)": one pair inside another at most.
    [[nodiscard]] std::optional<std::size_t> skip_parentheses(std::size_t at) const
    {
        if (peek(at) != u'(') return std::nullopt;
        const auto inside = ++at;
        at = skip_path_characters(at);
        if (peek(at) == u'(') {
            const auto nested = ++at;
            at = skip_path_characters(at);
            if (peek(at) != u')' || at == nested) return std::nullopt;
            at = skip_path_characters(at + 1);
        }
        if (peek(at) != u')' || at == inside) return std::nullopt;
        return at + 1;
    }

    [[nodiscard]] std::size_t skip_query(std::size_t at) const
    {
        if (peek(at) != u'?') return at;
        auto end = at;
        for (++at; is_at(at, twitter_text::query); ++at) {
            if (is_at(at, twitter_text::query_end)) end = at + 1;
        }
        return end;
    }

    void take(const Match& match)
    {
        const bool has_scheme = match.host > match.begin;
        const auto scheme = has_scheme ? match.host - match.begin : default_scheme_length;
        if (!has_valid_labels(match) || scheme + match.end - match.begin > longest_url) return;
        if (has_scheme) {
            take_with_scheme(match);
        } else {
            take_without_scheme(match);
        }
    }

    [[nodiscard]] bool has_valid_labels(const Match& match) const
    {
        auto host = text_.substr(match.host, match.host_end - match.host);
        if (host.starts_with(u"xn--") && !has_ascii_host(host)) return false;
        while (true) {
            const auto dot = host.find(u'.');
            const auto length = encoded_label_length(host.substr(0, dot), longest_label);
            if (length == 0 || length > longest_label) return false;
            if (dot == none) return true;
            host.remove_prefix(dot + 1);
        }
    }

    /// "http://t.co/slug" ends with its slug and a query; whatever else follows is none of it.
    void take_with_scheme(const Match& match)
    {
        auto end = match.end;
        const auto host = text_.substr(match.host, match.host_end - match.host);
        if (std::ranges::equal(host, std::u16string_view(u"t.co"), {}, to_lower) && peek(match.host_end) == u'/') {
            auto slug_end = match.host_end + 1;
            while (is_alnum(peek(slug_end))) ++slug_end;
            const auto slug = slug_end - match.host_end - 1;
            if (slug > longest_short_link_slug) return;
            if (slug > 0) end = skip_query(slug_end);
        }
        length_of_[match.begin] = end - match.begin;
    }

    /// Without a scheme only the ASCII hosts inside the host are links; the last one takes port, path and query along.
    void take_without_scheme(const Match& match)
    {
        if (match.begin > 0 && std::u16string_view(u"-_./").find(text_[match.begin - 1]) != none) return;
        const auto host = text_.substr(match.begin, match.host_end - match.begin);
        std::size_t last = none;
        std::size_t taken = 0; // the package looks for what it has found from here on, and may find it earlier
        for (std::size_t at = 0; const auto found = next_ascii_host(host, at);) {
            const auto text = host.substr(found->begin, found->end - found->begin);
            last = host.find(text, taken);
            taken = last + text.size();
            length_of_[match.begin + last] = text.size();
            at = found->end;
        }
        if (last != none && match.has_path) length_of_[match.begin + last] += match.end - match.host_end;
    }

    [[nodiscard]] static bool has_ascii_host(std::u16string_view host) { return next_ascii_host(host, 0).has_value(); }

    /// "([\-a-z0-9 accented]+\.)+TLD", the first at `at` or later.
    [[nodiscard]] static std::optional<UnitSpan> next_ascii_host(std::u16string_view host, std::size_t at)
    {
        while (at < host.size()) {
            const auto begin = at;
            std::optional<std::size_t> end;
            while (true) {
                const auto label_begin = at;
                while (at < host.size() && is_in(host[at], twitter_text::ascii_label)) ++at;
                if (at == label_begin || at >= host.size() || host[at] != u'.') break;
                ++at;
                if (const auto length = top_level_domain_length(host.substr(at))) end = at + length;
            }
            if (end) return UnitSpan{begin, *end};
            // No later start in this chain of labels would have found one either.
            at = std::max(at, begin + 1);
        }
        return std::nullopt;
    }

    std::u16string_view text_;
    Hosts hosts_;
    std::map<std::size_t, std::size_t> length_of_;
};

} // namespace

std::vector<UnitSpan> find_urls(std::u16string_view text)
{
    if (text.find(u'.') == none) return {};
    std::vector<UnitSpan> found;
    std::size_t at = 0;
    for (const auto& [begin, length] : UrlFinder(text).find()) {
        if (begin < at) continue; // inside the one before
        found.push_back({begin, begin + length});
        at = begin + length;
    }
    return found;
}

} // namespace sportello::domain

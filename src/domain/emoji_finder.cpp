#include "twitter_text_tables.hpp"
#include "utf16_spans.hpp"

#include <algorithm>

namespace sportello::domain {
namespace {

constexpr char16_t text_style = 0xFE0E;

const twitter_text::EmojiEdge* find_edge(const twitter_text::EmojiState& state, char16_t unit)
{
    const auto edges = twitter_text::emoji_edges.subspan(state.first_edge, state.last_edge - state.first_edge);
    const auto edge = std::ranges::lower_bound(edges, unit, {}, &twitter_text::EmojiEdge::last);
    return edge != edges.end() && edge->first <= unit ? &*edge : nullptr;
}

/// The longest emoji at the beginning of `text`, in units; 0 if there is none.
std::size_t emoji_length(std::u16string_view text)
{
    const auto* state = &twitter_text::emoji_states.front();
    std::size_t longest = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto* edge = find_edge(*state, text[at]);
        if (edge == nullptr) break;
        state = &twitter_text::emoji_states[edge->to];
        const bool asks_for_text = at + 1 < text.size() && text[at + 1] == text_style;
        if (state->ends == twitter_text::always || (state->ends == twitter_text::unless_text_style && !asks_for_text)) longest = at + 1;
    }
    return longest;
}

} // namespace

std::vector<UnitSpan> find_emoji(std::u16string_view text)
{
    std::vector<UnitSpan> found;
    for (std::size_t at = 0; at < text.size();) {
        const auto length = emoji_length(text.substr(at));
        if (length > 0) found.push_back({at, at + length});
        at += std::max<std::size_t>(length, 1);
    }
    return found;
}

} // namespace sportello::domain

#include <sportello/domain/acknowledgement.hpp>

#include "braces.hpp"

namespace sportello::domain {
namespace {

/// Whether the office was open at some time between them: then another closed period has begun.
bool opened_between(const Calendar& calendar, Instant from, Instant to)
{
    return calendar.between(from, to) > Duration(0);
}

} // namespace

std::string why_not_acknowledged(const AcknowledgementFacts& facts)
{
    if (facts.calendar->is_open(facts.now)) return "the office is open";
    if (!facts.calendar->next_open(facts.now)) return "the office does not open again";
    if (!facts.aside.empty()) return "the ticket stands apart from the queue: " + facts.aside;
    if (facts.last_acknowledged_at && !opened_between(*facts.calendar, *facts.last_acknowledged_at, facts.now)) {
        return "it was said in this conversation since the office closed";
    }
    if (facts.last_answered_at && !opened_between(*facts.calendar, *facts.last_answered_at, facts.now)) {
        return "a person has answered here since the office closed";
    }
    return {};
}

std::optional<std::string> text_for(const std::map<std::string, std::string, std::less<>>& texts, std::string_view language,
                                    std::string_view otherwise)
{
    if (texts.empty()) return std::nullopt;
    for (const std::string_view wanted : {language, otherwise}) {
        if (const auto found = texts.find(wanted); found != texts.end()) return found->second;
    }
    return texts.begin()->second;
}

std::string fill_acknowledgement(std::string_view text, std::string_view opening, std::string_view promise)
{
    return fill_braces(text, [&](std::string_view place) -> std::optional<std::string_view> {
        if (place == "opening") return opening;
        if (place == "promise") return promise;
        return std::nullopt;
    });
}

} // namespace sportello::domain

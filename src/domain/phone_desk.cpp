#include <sportello/domain/phone_desk.hpp>

#include "braces.hpp"
#include "date_names.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <date/tz.h>

namespace sportello::domain {
namespace {

using base::Duration;
using base::Instant;

constexpr auto farthest = std::chrono::hours(24 * 28);
constexpr std::array<std::pair<CallOutcome, std::string_view>, 4> outcomes{{{CallOutcome::solved, "solved"},
                                                                            {CallOutcome::not_reached, "not_reached"},
                                                                            {CallOutcome::wrong_number, "wrong_number"},
                                                                            {CallOutcome::back, "back"}}};

date::local_seconds local_of(Instant t, std::string_view time_zone)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(t);
    return date::local_seconds((seconds + date::locate_zone(std::string(time_zone))->get_info(seconds).offset).time_since_epoch());
}

std::string clock_of(date::local_seconds t)
{
    const auto minutes = std::chrono::floor<std::chrono::minutes>(t - std::chrono::floor<date::days>(t)).count();
    char text[16];
    std::snprintf(text, sizeof text, "%02d:%02d", static_cast<int>(minutes / 60), static_cast<int>(minutes % 60));
    return text;
}

} // namespace

std::vector<Instant> phone_slots(const Calendar& desk, Instant earliest, std::size_t count)
{
    std::vector<Instant> slots;
    for (Opening day = desk.local_day(earliest); day.opens < earliest + farthest; day = desk.local_day(day.closes)) {
        for (Instant slot = day.opens; slot < day.closes; slot += phone_slot) {
            if (slot < earliest || desk.between(slot, slot + phone_slot) != phone_slot) continue;
            slots.push_back(slot);
            if (slots.size() >= count) return slots;
        }
    }
    return slots;
}

int slot_capacity(int slots, int per_person, std::span<const ShiftPlan* const> staff, Instant slot)
{
    if (per_person <= 0 || staff.empty()) return slots;
    const auto there = [&](const ShiftPlan* plan) {
        const auto changes = plan->next_change(slot);
        return plan->on_shift(slot) && (!changes || *changes >= slot + phone_slot);
    };
    return std::min(slots, per_person * static_cast<int>(std::ranges::count_if(staff, there)));
}

std::string_view to_string(CallOutcome value)
{
    for (const auto& [outcome, word] : outcomes) {
        if (outcome == value) return word;
    }
    return "back";
}

std::optional<CallOutcome> parse_call_outcome(std::string_view given)
{
    for (const auto& [outcome, word] : outcomes) {
        if (word == given) return outcome;
    }
    return std::nullopt;
}

std::string slot_in_words(Instant slot, std::string_view time_zone, std::string_view language)
{
    const auto from = local_of(slot, time_zone);
    const auto until = local_of(slot + phone_slot, time_zone);
    const auto day = std::chrono::floor<date::days>(from);
    const std::chrono::sys_days date(day.time_since_epoch());
    const std::chrono::year_month_day parts(date);
    const bool italian = language == "it";
    std::string words(name_of(std::chrono::weekday(date), italian));
    words.append(" ").append(std::to_string(static_cast<unsigned>(parts.day()))).append(" ").append(name_of(parts.month(), italian));
    if (italian) return words.append(" tra le ").append(clock_of(from)).append(" e le ").append(clock_of(until));
    return words.append(" between ").append(clock_of(from)).append(" and ").append(clock_of(until));
}

std::string_view phone_text(PhoneText text, std::string_view language)
{
    const bool italian = language == "it";
    switch (text) {
    case PhoneText::planned:
        return italian ? "La richiamiamo {slot}. Il codice della richiesta è {code}: lo chieda a chi la chiama. {brand}"
                       : "We will call you {slot}. Your reference is {code}: ask for it when we call. {brand}";
    case PhoneText::not_reached:
        return italian ? "Abbiamo provato a chiamarla senza riuscire a parlarle (richiesta {code}). Ci scriva qui quando possiamo "
                         "richiamarla e a quale numero. {brand}"
                       : "We tried to call you but could not reach you (reference {code}). Please write here when and under which "
                         "number we can call you. {brand}";
    case PhoneText::ask_number:
        break;
    }
    return italian ? "Per richiamarla ci serve un numero di telefono: ce lo scriva qui, in privato. {brand}"
                   : "To call you we need a phone number: please write it here, in private. {brand}";
}

std::string fill_phone_text(std::string_view text, const PhoneWords& words)
{
    return fill_braces(text, [&](std::string_view place) -> std::optional<std::string> {
        if (place == "slot") return words.slot;
        if (place == "code") return words.code;
        if (place == "brand") return words.brand;
        return std::nullopt;
    });
}

bool is_phone_number(std::string_view text)
{
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    const auto digits = std::ranges::count_if(text, is_digit);
    const auto rest = text.starts_with('+') ? text.substr(1) : text;
    const auto good = [&](char c) { return is_digit(c) || std::string_view(" ./()-").find(c) != std::string_view::npos; };
    return digits >= 5 && digits <= 15 && text.size() <= 30 && std::ranges::all_of(rest, good);
}

std::optional<Duration> call_centre_backoff(std::int32_t attempts)
{
    constexpr std::int32_t most = 36; // with an hour between two of them: more than a day
    if (attempts >= most) return std::nullopt;
    return std::min<Duration>(std::chrono::hours(1), std::chrono::seconds(15) * (1LL << std::clamp(attempts, 0, 10)));
}

} // namespace sportello::domain

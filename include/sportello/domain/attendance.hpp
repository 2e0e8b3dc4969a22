#pragma once

#include <sportello/domain/rota.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace sportello::domain {

/// What is known of somebody's being there.
struct AttendanceFacts {
    std::string_view name;
    bool disabled = false;
    bool available = false;                      ///< as they said themselves
    const ShiftPlan* plan = nullptr;             ///< null: no rota binds them
    std::optional<base::Instant> last_seen = {}; ///< the last sign of life; nothing: none
    base::Duration absent_after{};               ///< without a sign of life for so long they are gone; zero: that is not watched
};

/// Whether somebody is there, and why not.
struct Presence {
    enum class Kind {
        there,
        on_break,    ///< keeps the work, gets none
        unavailable, ///< said so, and is on shift
        vanished,    ///< available by their word, but gone
        off_shift,
        disabled
    };
    Kind kind = Kind::there;
    std::string why; ///< "Anna is off shift"; empty when there
    /// Nobody else is given work.
    [[nodiscard]] bool gets_work() const { return kind == Kind::there; }
    /// An answer of a customer for them goes back to the queue.
    [[nodiscard]] bool away() const { return kind != Kind::there && kind != Kind::on_break; }
};
[[nodiscard]] Presence presence_of(const AttendanceFacts& facts, base::Instant now);

/// What is remembered of an absence.
struct Absence {
    std::optional<base::Instant> away_since = {};
    std::optional<base::Instant> swept_at = {}; ///< when the work was last taken back
};
/// What the taking back depends on beside the person.
struct TakeBackRule {
    base::Duration break_limit{};             ///< who is not available for longer loses the work
    std::optional<base::Instant> opened = {}; ///< when the office opened last, if it is open
    base::Instant watching_since{};           ///< signs of life from before cannot be told from a stop of ours
};
/// Whether what waits for us goes back to the queue: at the end of a shift, again at each opening, at once from who has
/// vanished or is disabled, after the limit from who is not available. Somebody who is off shift but plainly at work keeps
/// what they take meanwhile.
[[nodiscard]] bool takes_back(const Presence& presence, const AttendanceFacts& facts, const Absence& absence, const TakeBackRule& rule,
                              base::Instant now);

} // namespace sportello::domain

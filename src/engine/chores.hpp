#pragma once

#include <sportello/base/error.hpp>
#include <sportello/base/time.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <vector>

namespace sportello::engine {

class Aids;
class Approvals;
class Attendance;
class ByHand;
class KeptAnswers;
class Rota;
class OfficeHours;
class Reports;
class SearchIndex;
class Targets;
class Privacy;
class Ticketing;

/// Something that the clockwork does by time alone.
struct Chore {
    const char* name; ///< for the log: "snoozed tickets"
    /// Does what is due. @return when it is to be looked at again; nothing: whenever the clockwork looks.
    std::function<boost::asio::awaitable<base::Result<std::optional<base::Instant>>>()> run;
};

/// All of them, in the order in which they are done. The services outlive them.
[[nodiscard]] std::vector<Chore> chores_of(Ticketing& ticketing, ByHand& by_hand, OfficeHours& office_hours, Attendance& attendance,
                                           Rota& rota, Targets& targets, Aids& aids, Privacy& privacy, Approvals& approvals,
                                           SearchIndex& search_index, Reports& reports, KeptAnswers& kept_answers);

} // namespace sportello::engine

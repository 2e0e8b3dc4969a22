#include "broadcast_preview.hpp"

#include "broadcaster.hpp"

#include <sportello/storage/incidents.hpp>
#include <sportello/storage/tickets.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace sportello::engine {
namespace {

constexpr std::int64_t members_at_once = 500; // members looked at in one go

/// Adds up, ticket by ticket.
class Estimate {
public:
    Estimate(storage::Transaction& tx, const Settings& settings, const Actor& actor, base::Instant now)
        : tx_(tx), settings_(settings), actor_(actor), now_(now)
    {
    }

    void take(const domain::Ticket& ticket)
    {
        if (!actor_.may_see(ticket.brand)) return;
        ++preview_.members;
        const Eligibility eligible = eligibility_of(tx_, settings_, ticket, actor_, now_);
        if (!eligible.why_not.empty()) {
            ++reasons_[eligible.why_not];
            return;
        }
        if (!people_.insert(ticket.customer.value).second) {
            ++reasons_["the same person is told in another ticket"];
            return;
        }
        ++preview_.eligible;
        BroadcastPreview::Channel& channel = channels_[ticket.channel];
        channel.channel = ticket.channel;
        channel.brand = ticket.brand;
        channel.takes += channel.eligible++ == 0 ? base::Duration(0) : settings_.outages.pace(ticket.platform, ticket.visibility);
        add(channel.micro_dollars, eligible.price.micro_dollars);
        add(channel.micro_dollars_with_url, eligible.price_with_url.micro_dollars);
    }

    BroadcastPreview result()
    {
        for (auto& [name, channel] : channels_) {
            preview_.takes = std::max(preview_.takes, channel.takes);
            preview_.channels.push_back(std::move(channel));
        }
        preview_.not_eligible.assign(reasons_.begin(), reasons_.end());
        std::stable_sort(preview_.not_eligible.begin(), preview_.not_eligible.end(),
                         [](const auto& a, const auto& b) { return a.second > b.second; });
        return std::move(preview_);
    }

private:
    static void add(std::optional<std::int64_t>& sum, std::optional<std::int64_t> price)
    {
        sum = sum && price ? std::optional(*sum + *price) : std::nullopt;
    }

    storage::Transaction& tx_;
    const Settings& settings_;
    const Actor& actor_;
    base::Instant now_;
    BroadcastPreview preview_;
    std::map<std::string, BroadcastPreview::Channel> channels_;
    std::map<std::string, std::int64_t> reasons_;
    std::set<std::int64_t> people_;
};

} // namespace

BroadcastPreview preview_of(storage::Transaction& tx, const Settings& settings, domain::IncidentId id, const Actor& actor,
                            base::Instant now)
{
    Estimate estimate(tx, settings, actor, now);
    domain::TicketId after;
    while (true) {
        const auto page = storage::members_of(tx, id, after, members_at_once);
        for (const storage::IncidentTicket& member : page) {
            after = member.ticket;
            if (const auto ticket = storage::find_ticket(tx, member.ticket)) estimate.take(*ticket);
        }
        if (static_cast<std::int64_t>(page.size()) < members_at_once) break;
    }
    return estimate.result();
}

BroadcastPreview preview_of(storage::Transaction& tx, const Settings& settings, const std::vector<domain::Ticket>& tickets,
                            const Actor& actor, base::Instant now)
{
    Estimate estimate(tx, settings, actor, now);
    for (const domain::Ticket& ticket : tickets) estimate.take(ticket);
    return estimate.result();
}

} // namespace sportello::engine

#include "broadcast_preview.hpp"

#include "broadcaster.hpp"

#include <sportello/storage/incidents.hpp>
#include <sportello/storage/tickets.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace sportello::engine {
namespace {

constexpr std::int64_t batch = 500; // members looked at in one go

} // namespace

BroadcastPreview preview_of(storage::Transaction& tx, const Settings& settings, domain::IncidentId id, const Actor& actor,
                            base::Instant now)
{
    BroadcastPreview preview;
    std::map<std::string, BroadcastPreview::Channel> channels;
    std::map<std::string, std::int64_t> reasons;
    std::set<std::int64_t> people;
    domain::TicketId after;
    while (true) {
        const auto page = storage::members_of(tx, id, after, batch);
        for (const storage::IncidentTicket& member : page) {
            after = member.ticket;
            const auto ticket = storage::find_ticket(tx, member.ticket);
            if (!ticket || !actor.may_see(ticket->brand)) continue;
            ++preview.members;
            const Eligibility eligible = eligibility_of(tx, settings, *ticket, actor, now);
            if (!eligible.why_not.empty()) {
                ++reasons[eligible.why_not];
                continue;
            }
            if (!people.insert(ticket->customer.value).second) {
                ++reasons["the same person is told in another ticket"];
                continue;
            }
            ++preview.eligible;
            BroadcastPreview::Channel& channel = channels[ticket->channel];
            channel.channel = ticket->channel;
            channel.brand = ticket->brand;
            channel.takes += channel.eligible++ == 0 ? base::Duration(0) : settings.outages.pace(ticket->platform, ticket->visibility);
            const auto add = [](std::optional<std::int64_t>& sum, std::optional<std::int64_t> price) {
                sum = sum && price ? std::optional(*sum + *price) : std::nullopt;
            };
            add(channel.micro_dollars, eligible.price.micro_dollars);
            add(channel.micro_dollars_with_url, eligible.price_with_url.micro_dollars);
        }
        if (static_cast<std::int64_t>(page.size()) < batch) break;
    }
    for (auto& [name, channel] : channels) {
        preview.takes = std::max(preview.takes, channel.takes);
        preview.channels.push_back(std::move(channel));
    }
    preview.not_eligible.assign(reasons.begin(), reasons.end());
    std::stable_sort(preview.not_eligible.begin(), preview.not_eligible.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    return preview;
}

} // namespace sportello::engine

#include "deliveries_json.hpp"

#include <sportello/engine/outbox.hpp>

namespace sportello::api {
namespace {

void write_state(JsonWriter& json, std::string_view state, std::string_view platform_id, std::string_view reason)
{
    json.open_object().member("state", state);
    if (!platform_id.empty()) json.member("platform_id", platform_id);
    if (!reason.empty()) json.member("reason", reason);
}

} // namespace

void write_delivery(JsonWriter& json, std::string_view state, std::string_view platform_id, std::string_view reason)
{
    write_state(json, state, platform_id, reason);
    json.close_object();
}

TicketDeliveries::TicketDeliveries(storage::Transaction& tx, domain::TicketId ticket) : tx_(tx)
{
    for (const storage::PartProgress& progress : storage::part_progress_of(tx, ticket)) in_parts_.emplace(progress.reply.value, progress);
}

void TicketDeliveries::write(JsonWriter& json, domain::ReplyId reply, std::string_view state, std::string_view platform_id,
                             std::string_view reason) const
{
    write_state(json, state, platform_id, reason);
    if (const auto found = in_parts_.find(reply.value); found != in_parts_.end()) {
        json.key("parts").open_object().member("count", found->second.count).member("published", found->second.published).close_object();
    }
    if (state == domain::to_string(domain::Delivery::failed)) json.member("can_retry", engine::may_retry(tx_, reply));
    json.close_object();
}

} // namespace sportello::api

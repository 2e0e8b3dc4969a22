#pragma once

#include "json_writer.hpp"

#include <sportello/domain/model.hpp>
#include <sportello/storage/replies.hpp>

#include <map>
#include <string_view>

namespace sportello::api {

/// How far a reply has come, in a list that tells no more: `{state, platform_id?, reason?}`
void write_delivery(JsonWriter& json, std::string_view state, std::string_view platform_id, std::string_view reason);

/// How far the replies of one ticket have come. Lives inside one unit of work.
class TicketDeliveries {
public:
    TicketDeliveries(storage::Transaction& tx, domain::TicketId ticket);

    /// `{state, platform_id?, reason?, parts?: {count, published}, can_retry?}`: `parts` of a reply that goes out in several
    /// messages, `can_retry` of one that failed.
    void write(JsonWriter& json, domain::ReplyId reply, std::string_view state, std::string_view platform_id,
               std::string_view reason) const;

private:
    storage::Transaction& tx_;
    std::map<std::int64_t, storage::PartProgress> in_parts_;
};

} // namespace sportello::api

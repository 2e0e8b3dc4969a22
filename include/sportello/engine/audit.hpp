#pragma once

#include <sportello/engine/command.hpp>
#include <sportello/storage/transaction.hpp>

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace sportello::engine {

/// What the audit says of an act beside who did it, when and from where.
struct Act {
    std::string action;      ///< "webhook.created": the object's noun, a dot, what was done
    std::string object = {}; ///< "webhook"
    std::string object_id = {};
    std::string brand = {};  ///< empty: no brand's own
    std::string reason = {}; ///< that the person gave
};

/// Writes an act into the audit, in the transaction that does it: every administrative act and every look at, release,
/// export or erasure of personal data. What is told with a command (tell() in facts.hpp) is written by that already.
/// @param before,after  what was changed, as JSON objects; null when there is nothing to tell. Never with a secret or with
///                      personal data of customers: nothing is ever taken out of the audit.
void audit(storage::Transaction& tx, const Command& command, const Act& act, const nlohmann::json& before, const nlohmann::json& after,
           base::Instant now);
/// The same without details.
void audit(storage::Transaction& tx, const Command& command, const Act& act, base::Instant now);
/// An act of the server's operator, on the console: nobody's, from no address.
void audit_console(storage::Transaction& tx, const Act& act, const nlohmann::json& before, const nlohmann::json& after, base::Instant now);

} // namespace sportello::engine

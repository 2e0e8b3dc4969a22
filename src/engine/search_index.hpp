#pragma once

#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

/// What of the counter stands in the index of full-text search. Called in the transaction that writes the text.
namespace sportello::engine {

/// Of the message only id, brand, channel, text and author count. Without a text (deleted) it is taken out.
void index_message(storage::Transaction& tx, const Settings& settings, const domain::Message& message);
void index_reply(storage::Transaction& tx, const Settings& settings, const domain::Reply& reply);
void index_note(storage::Transaction& tx, const Settings& settings, domain::NoteId note);
/// The subject, which a person worded.
void index_subject(storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket);

} // namespace sportello::engine

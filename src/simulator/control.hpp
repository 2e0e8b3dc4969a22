#pragma once

#include "house.hpp"

#include <functional>

namespace sportello::simulator {

/// The control API, by which tests and demonstrations act as customers and read the truth. Not a platform's: no tokens.
///
/// POST   /control/posts       {platform, account, kind: post|comment|mention|direct_message, author, text,
/// in_reply_to?, at?,
///                              undisclosed?} → 201 {id}; the account itself as author writes for the company
/// PATCH  /control/posts/{id}  {text} → {id}: the id of the new version (X: another one)
/// DELETE /control/posts/{id}  → 204
/// GET    /control/truth?platform=&account= → {items: [{id, ids, platform, account, kind, author, own, text,
/// in_reply_to,
///                              conversation, at, edited, deleted}]}, in the order they were written
/// POST   /control/faults      {platform, account?, endpoint, kind, count? | share?, delay_ms?, retry_after_s?} → 201
/// {id} DELETE /control/faults      → 204 POST   /control/tokens      {platform, account, valid: bool} → 204: the
/// account's token is refused, or holds again GET    /control/accounts    → {items: [{platform, account, id, name,
/// page}]} GET    /control/status      → {played, total}
class Control {
public:
    Control(House& house, std::function<Simulator::Progress()> progress) : house_(house), progress_(std::move(progress)) {}
    http::Response serve(const http::Request& request);

private:
    http::Response add_post(const http::Request& request);
    http::Response change_post(const http::Request& request, const std::string& id);
    http::Response truth(const http::Request& request) const;
    http::Response add_fault(const http::Request& request);
    http::Response set_token(const http::Request& request);
    http::Response set_permissions(const http::Request& request);
    http::Response set_quirks(const http::Request& request);
    http::Response turn_clock(const http::Request& request);
    http::Response webhooks(const http::Request& request);
    http::Response list_accounts() const;

    House& house_;
    std::function<Simulator::Progress()> progress_;
};

} // namespace sportello::simulator

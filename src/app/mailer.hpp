#pragma once

#include <sportello/base/error.hpp>
#include <sportello/base/time.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <string>

namespace sportello::app {

/// [mail]: where mail is handed in.
struct MailSettings {
    std::string server; ///< "smtp://mail.example.it:587" or "smtps://mail.example.it"; empty: no mail is sent
    std::string user;   ///< empty: without logging in
    std::string password;
    std::string from;
    bool tls = true; ///< with smtp://: STARTTLS or nothing is sent
};

/// A mail of plain text.
struct Mail {
    std::string to;
    std::string subject; ///< any Unicode, one line
    std::string text;
    std::string id;      ///< left part of its Message-ID; empty: without one
    std::string thread;  ///< the id of the mail that began the matter; empty or the same: this one begins it
    base::Instant at{};
};

/// Plain and sound: one @, nothing that could end a header or begin a second recipient.
[[nodiscard]] bool is_mail_address(std::string_view text);
/// A header's value as RFC 2047 has it: as it is when it is ASCII, else encoded words.
[[nodiscard]] std::string encode_header(std::string_view text);

/// Hands mail in over SMTP (libcurl), one at a time on a thread of its own; half a minute at most each.
class Mailer {
public:
    explicit Mailer(MailSettings settings);
    ~Mailer();

    boost::asio::awaitable<base::Result<void>> send(Mail mail);
    /// The same on the calling thread, waiting. @return why not, without the password
    [[nodiscard]] base::Result<void> send_now(const Mail& mail) const;

private:
    MailSettings settings_;
    boost::asio::thread_pool thread_{1};
};

} // namespace sportello::app

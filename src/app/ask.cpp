#include "ask.hpp"

#include <iostream>

#include <termios.h>
#include <unistd.h>

namespace sportello::app {

std::string ask_hidden(const char* prompt)
{
    termios shown{};
    const bool terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
    if (terminal) {
        termios hidden = shown;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
        std::cerr << prompt << std::flush;
    }
    std::string line;
    std::getline(std::cin, line);
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        std::cerr << "\n";
    }
    return line;
}

} // namespace sportello::app

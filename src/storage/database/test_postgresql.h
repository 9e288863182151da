#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/file.h"
#include "core/subprocess.h"
#include "core/temporary_directory.h"

namespace penstock::database {

// A real PostgreSQL server on a free port of 127.0.0.1, in a directory of its own. Its default collation is
// American English, which sorts otherwise than by bytes. Ends with the test program, however that ends.
class TestPostgresql {
 public:
  static constexpr const char* kPassword = "p@ss/word%41";
  static constexpr const char* kEscapedPassword = "p%40ss%2Fword%2541";

  // The one that tests share which do it no harm.
  static TestPostgresql& shared() {
    static TestPostgresql server;
    return server;
  }

  TestPostgresql() : port_(free_port()) {
    std::ofstream(path("password")) << kPassword << "\n";
    if (const passwd* postgres = account()) {
      EXPECT_EQ(chown(directory_.path().c_str(), postgres->pw_uid, postgres->pw_gid), 0);
      EXPECT_EQ(chown(path("password").c_str(), postgres->pw_uid, postgres->pw_gid), 0);
    }
    auto initdb = run("initdb", {"-D", path("data"), "-U", "penstock", "-A", "scram-sha-256", "--pwfile",
                                 path("password"), "-E", "UTF8", "--locale=C.UTF-8", "--locale-provider=icu",
                                 "--icu-locale=en-US", "--no-sync", "--no-instructions"});
    EXPECT_EQ(wait(initdb), "exit status 0") << "initdb";
    start();
  }
  ~TestPostgresql() { stop(); }

  void start() {
    server_ = std::make_unique<Subprocess>(run(
        "postgres", {"-D", path("data"), "-p", std::to_string(port_), "-k", directory_.path().string(), "-c",
                     "listen_addresses=127.0.0.1", "-c", "fsync=off", "-c", "max_connections=30", "-c",
                     "shared_buffers=16MB", "-c", "logging_collector=off", "-c", "log_min_messages=panic"}));
    for (int i = 0; i < kAttemptsMax && !connect("postgres"); ++i) sleep();
  }
  void stop() { end(SIGINT); }
  void kill() { end(SIGKILL); }  // and with the parent all its sessions' processes

  // Of the server's process alone: sessions that exist go on.
  pid_t pid() const { return server_->pid(); }

  std::string url(const std::string& database, const std::string& user = "penstock") const {
    return "postgresql://" + user + ":" + kEscapedPassword + "@127.0.0.1:" + std::to_string(port_) + "/" +
           database;
  }
  int port() const { return port_; }

  std::string make_database() {
    std::string name = "test_" + std::to_string(++databases_);
    execute("postgres", "CREATE DATABASE " + name);
    return name;
  }

  // One statement as the administrator; the first column of its first row.
  std::string execute(const std::string& database, const std::string& sql) {
    auto connection = connect(database);
    EXPECT_TRUE(connection) << "no connection for: " << sql;
    if (!connection) return {};
    PGresult* result = PQexec(connection.get(), sql.c_str());
    bool good = PQresultStatus(result) == PGRES_COMMAND_OK || PQresultStatus(result) == PGRES_TUPLES_OK;
    EXPECT_TRUE(good) << sql << ": " << PQresultErrorMessage(result);
    std::string value = PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
    PQclear(result);
    return value;
  }

 private:
  static constexpr int kAttemptsMax = 1500;
  static constexpr const char* kPrograms = "/usr/lib/postgresql/15/bin/";

  struct Finish {
    void operator()(PGconn* connection) const { PQfinish(connection); }
  };

  static void sleep() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

  // PostgreSQL refuses to run as root.
  static const passwd* account() { return getuid() == 0 ? getpwnam("postgres") : nullptr; }

  static int free_port() {
    UniqueFd socket(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{.sin_family = AF_INET, .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    auto* raw = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket.get(), raw, length), 0);
    EXPECT_EQ(getsockname(socket.get(), raw, &length), 0);
    return ntohs(address.sin_port);
  }

  std::string path(const std::string& name) const { return (directory_.path() / name).string(); }

  static Subprocess run(const std::string& program, const std::vector<std::string>& arguments) {
    std::vector<std::string> all = {"--pdeathsig", "INT"};
    if (account() != nullptr) {
      all.insert(all.end(), {"--reuid=postgres", "--regid=postgres", "--clear-groups"});
    }
    all.push_back(kPrograms + program);
    all.insert(all.end(), arguments.begin(), arguments.end());
    auto started = Subprocess::start("/usr/bin/setpriv", all);
    EXPECT_TRUE(started) << "install the Debian package postgresql-15";
    return std::move(*started);
  }

  static std::string wait(Subprocess& process) {
    for (int i = 0; i < kAttemptsMax; ++i) {
      if (auto ended = process.poll()) return *ended;
      sleep();
    }
    return "still running";
  }

  std::unique_ptr<PGconn, Finish> connect(const std::string& database) const {
    std::unique_ptr<PGconn, Finish> connection(PQconnectdb(url(database).c_str()));
    if (PQstatus(connection.get()) != CONNECTION_OK) connection.reset();
    return connection;
  }

  void end(int signal) {
    if (!server_) return;
    server_->signal(SIGCONT);
    server_->signal(signal);
    wait(*server_);
    server_.reset();
  }

  TemporaryDirectory directory_;
  int port_;
  std::unique_ptr<Subprocess> server_;
  int databases_ = 0;
};

}  // namespace penstock::database

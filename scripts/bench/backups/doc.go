// Package backups measures backups: of Coffer, the real product from its
// template on this machine, of rclone, and of a plain crawl, each from the same
// simulated Box over HTTP, with 60 ms of latency for every call, at equal
// concurrency, with Box's limits of calls on and off.
//
// What is measured where:
//
//   - Time is what a person waits: from the request, or the schedule's minute,
//     to the snapshot; of a rival, from the process's start to its end.
//   - Box calls are those that the simulator counts against a user, which is
//     what Box sells; downloads from Box's content hosts are not among them.
//   - Memory and processor are those of the functions' processes as the Lambda
//     host reports them, and of the rival's process.
//   - S3 and DynamoDB requests are counted on their way from the functions, but
//     for large files, which would feel the longer way.
//
// Everything runs on one machine: the simulator, the services and whoever is
// measured share its processors. Coffer's S3 server takes about as much of them
// for large files as Coffer itself, so rclone stores these twice: in a folder,
// which is all that it needs, and in the same S3 server. DynamoDB Local keeps
// its tables in memory, since it would wait for the disk at each write.
//
// A rival that would take too long does a part of the files, in folders as
// large; what it took, but for memory, is then given for all files in
// proportion. That flatters it where Box's limits are on, since the first
// minute's calls are free of waiting. Prices leave out what the portal's
// requests, logs, mail and alarms cost.
package backups

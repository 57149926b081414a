// Drives the simulator with Box's own SDK for Node.js, and prints what it saw
// as JSON for sdk_test.go. Arguments: origin, access token, a Box user's id.
'use strict';
const crypto = require('node:crypto');
const { Readable } = require('node:stream');
const { BoxClient, BoxDeveloperTokenAuth } = require('box-node-sdk');

const [origin, token, other] = process.argv.slice(2);
const urls = { baseUrl: origin, uploadUrl: origin + '/api', oauth2Url: origin + '/api/oauth2' };

async function bytes(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

const sha1 = (content) => crypto.createHash('sha1').update(content).digest('hex');

async function main() {
  const client = new BoxClient({ auth: new BoxDeveloperTokenAuth({ token }) }).withCustomBaseUrls(urls);
  const seen = {};

  seen.me = (await client.users.getUserMe()).login;
  const users = await client.users.getUsers({ userType: 'managed', usemarker: true, limit: 1 });
  seen.usersPage = users.entries.length;

  const folder = await client.folders.createFolder({ name: 'From the SDK', parent: { id: '0' } });
  for (let i = 0; i < 5; i++) {
    await client.folders.createFolder({ name: `Child ${i}`, parent: { id: folder.id } });
  }
  seen.children = [];
  for (let marker; ; ) {
    const page = await client.folders.getFolderItems(folder.id, { queryParams: { usemarker: true, limit: 2, marker } });
    seen.children.push(...page.entries.map((entry) => entry.name));
    marker = page.nextMarker;
    if (!marker) break;
  }

  const first = Buffer.from('first version');
  const uploaded = await client.uploads.uploadFile({
    attributes: { name: 'note.txt', parent: { id: folder.id } }, file: Readable.from([first]),
  });
  const file = uploaded.entries[0];
  seen.sha1Matches = file.sha1 === sha1(first);
  await client.uploads.uploadFileVersion(file.id, { attributes: { name: 'note.txt' }, file: Readable.from([Buffer.from('second version')]) });
  const versions = await client.fileVersions.getFileVersions(file.id);
  seen.pastVersions = versions.entries.length;
  seen.current = (await bytes(await client.downloads.downloadFile(file.id))).toString();
  seen.past = (await bytes(await client.downloads.downloadFile(file.id, { queryParams: { version: versions.entries[0].id } }))).toString();
  seen.range = (await bytes(await client.downloads.downloadFile(file.id, { headers: { range: 'bytes=0-5' } }))).toString();

  const big = Buffer.alloc(21_000_000, 'coffer ');
  const chunked = await client.chunkedUploads.uploadBigFile(Readable.from([big]), 'big.bin', big.length, folder.id);
  seen.chunkedSha1Matches = chunked.sha1 === sha1(big) && chunked.size === big.length;

  const collaboration = await client.userCollaborations.createCollaboration({
    item: { type: 'folder', id: folder.id }, accessibleBy: { type: 'user', id: other }, role: 'editor',
  });
  seen.collaboration = collaboration.role;
  const asOther = client.withAsUserHeader(other);
  seen.sharedWithOther = (await asOther.folders.getFolderItems('0')).entries.map((entry) => entry.name);

  await client.comments.createComment({ message: 'Looks good', item: { id: file.id, type: 'file' } });
  seen.comments = (await client.comments.getFileComments(file.id)).entries.map((entry) => entry.message);

  const events = await client.events.getEvents({ streamType: 'changes', streamPosition: '0', limit: 100 });
  seen.uploadEvents = events.entries.filter((event) => event.eventType === 'ITEM_UPLOAD').length;
  const admin = await client.events.getEvents({ streamType: 'admin_logs_streaming', streamPosition: '0', limit: 100 });
  seen.adminEvents = admin.entries.some((event) => event.eventType === 'UPLOAD');

  const archive = await bytes(await client.zipDownloads.downloadZip({ items: [{ id: file.id, type: 'file' }], downloadFileName: 'archive' }));
  seen.archive = archive.subarray(0, 2).toString();

  console.log(JSON.stringify(seen));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});

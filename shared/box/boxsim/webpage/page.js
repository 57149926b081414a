// The page: a Box user's folders, with the changes a person would make in Box.
const at = (id) => document.getElementById(id);
const make = (tag, text, set = {}) => Object.assign(document.createElement(tag), { textContent: text ?? '' }, set);

let user; // whose content is shown
let token;
let path = []; // folders from the root to the one shown
let listings = 0; // how many were begun: an older one that comes late is not shown

const here = () => path.at(-1);
const say = (text) => { at('message').textContent = text; };

async function call(method, address, body) {
  const form = body instanceof FormData;
  const response = await fetch(address, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && !form ? { 'content-type': 'application/json' } : {}) },
    body: form || !body ? body : JSON.stringify(body),
  });
  if (response.status === 401) throw new Error('The access token has expired: choose the user again.');
  const text = await response.text();
  const answer = text ? JSON.parse(text) : {};
  if (!response.ok) throw new Error(answer.message ?? `Box answered ${response.status}.`);
  return answer;
}

// attempt runs a change, then shows the folder as it is, or what went wrong.
async function attempt(what, change) {
  try {
    await change();
    await show();
    say(what);
  } catch (error) {
    say(error.message);
  }
}

async function list(folder) {
  const all = [];
  for (let marker = ''; ; ) {
    const query = new URLSearchParams({ usemarker: true, limit: 1000, fields: 'name,size,modified_at,url,etag', ...(marker && { marker }) });
    const page = await call('GET', `/2.0/folders/${folder}/items?${query}`);
    all.push(...page.entries);
    marker = page.next_marker;
    if (!marker) return all;
  }
}

async function show() {
  const listing = ++listings;
  const items = await list(here().id);
  if (listing !== listings) return; // something else is to be shown meanwhile
  at('path').replaceChildren(...path.flatMap((folder, i) => [
    ...(i ? [document.createTextNode(' / ')] : []),
    make('button', folder.name, { type: 'button', onclick: () => open(path.slice(0, i + 1)) }),
  ]));
  at('items').replaceChildren(...items.map(row));
  if (!items.length) {
    const cell = make('td', 'This folder is empty.');
    cell.colSpan = 5;
    const line = make('tr');
    line.append(cell);
    at('items').append(line);
  }
}

const open = (folders) => {
  path = folders;
  say('');
  return show().catch((error) => say(error.message));
};

function row(item) {
  const line = make('tr');
  const name = make('td');
  if (item.type === 'folder') name.append(make('button', item.name, { type: 'button', onclick: () => open([...path, item]) }));
  else name.textContent = item.name;
  const actions = make('td', '', { className: 'actions' });
  const add = (label, onclick) => actions.append(make('button', label, { type: 'button', ariaLabel: `${label} ${item.name}`, onclick }), ' ');
  if (item.type === 'file') add('New version', () => chooseVersion(item));
  add('Rename', () => rename(item));
  add('Move', () => move(item));
  add('Delete', () => remove(item));
  line.append(
    name,
    make('td', item.type.replace('_', ' ')),
    make('td', item.type === 'file' ? item.size.toLocaleString() : '', { className: 'number' }),
    make('td', item.modified_at ? new Date(item.modified_at).toLocaleString() : ''),
    actions,
  );
  return line;
}

// ask opens the dialog and returns its fields' values, or null.
function ask(question, ok, ...fields) {
  at('question').textContent = question;
  at('ok').textContent = ok;
  at('fields').replaceChildren(...fields.map(({ label, value = '', options, type = 'text' }) => {
    const field = options ? make('select') : make('input', '', { type, value, required: true, maxLength: 1000 });
    if (options) field.append(...options.map(([id, text]) => make('option', text, { value: id })));
    const frame = make('label', label);
    frame.append(field);
    return frame;
  }));
  const dialog = at('dialog');
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => resolve(dialog.returnValue ? [...at('fields').querySelectorAll('input, select')].map((field) => field.value) : null);
  });
}

const address = (item) => `/2.0/${item.type}s/${item.id}`;

async function rename(item) {
  const answer = await ask(`Rename ${item.name}`, 'Rename', { label: 'New name', value: item.name });
  if (answer) await attempt(`Renamed to ${answer[0]}.`, () => call('PUT', address(item), { name: answer[0] }));
}

async function move(item) {
  const options = [];
  const walk = async (id, name, depth) => {
    if (id === item.id || depth > 4 || options.length > 200) return;
    options.push([id, name]);
    for (const child of (await list(id)).filter((entry) => entry.type === 'folder')) await walk(child.id, `${name} / ${child.name}`, depth + 1);
  };
  await walk('0', 'All Files', 0);
  const answer = await ask(`Move ${item.name}`, 'Move', { label: 'Into', options });
  if (answer) await attempt('Moved.', () => call('PUT', address(item), { parent: { id: answer[0] } }));
}

async function remove(item) {
  const answer = await ask(`Move ${item.name} to the trash?`, 'Delete');
  if (answer) await attempt(`Deleted ${item.name}.`, () => call('DELETE', address(item) + (item.type === 'folder' ? '?recursive=true' : '')));
}

function multipart(attributes, file) {
  const form = new FormData();
  form.append('attributes', JSON.stringify(attributes));
  form.append('file', file);
  return form;
}

function chooseVersion(item) {
  const input = at('version');
  input.value = '';
  input.onchange = () => attempt(`New version of ${item.name}.`, () => call('POST', `/api/2.0/files/${item.id}/content`, multipart({ name: item.name }, input.files[0])));
  input.click();
}

at('upload').onchange = (event) => attempt('Uploaded.', async () => {
  for (const file of event.target.files) {
    await call('POST', '/api/2.0/files/content', multipart({ name: file.name, parent: { id: here().id } }, file));
  }
  event.target.value = '';
});

at('folder').onclick = async () => {
  const answer = await ask('New folder', 'Create', { label: 'Name' });
  if (answer) await attempt(`Created ${answer[0]}.`, () => call('POST', '/2.0/folders', { name: answer[0], parent: { id: here().id } }));
};

at('link').onclick = async () => {
  const answer = await ask('New web link', 'Create', { label: 'Name' }, { label: 'Address', type: 'url', value: 'https://' });
  if (answer) await attempt(`Created ${answer[0]}.`, () => call('POST', '/2.0/web_links', { name: answer[0], url: answer[1], parent: { id: here().id } }));
};

async function choose(id, button) {
  user = id;
  listings++;
  at('path').replaceChildren();
  at('items').replaceChildren(); // not to be changed by this user
  for (const other of at('users').querySelectorAll('button')) other.removeAttribute('aria-current');
  button.setAttribute('aria-current', 'true');
  const response = await fetch('/_sim/token', { method: 'POST', body: JSON.stringify({ user }) });
  const answer = await response.json();
  if (user !== id) return; // another one was chosen meanwhile
  token = answer.access_token;
  await open([{ id: '0', name: 'All Files' }]);
}

async function start() {
  const enterprises = await (await fetch('/_sim/enterprises')).json();
  for (const enterprise of enterprises) {
    at('users').append(make('h2', enterprise.name));
    for (const person of enterprise.users) {
      const button = make('button', person.name + (person.role === 'admin' ? ' (administrator)' : ''), { type: 'button', title: person.login });
      button.onclick = () => choose(person.id, button);
      at('users').append(button);
    }
  }
  at('users').querySelector('button')?.click();
}

start().catch((error) => say(error.message));

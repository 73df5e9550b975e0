import { createServer } from 'node:http';
let posts = 0;
const mode = process.argv[3] ?? 'terms';
createServer((q, r) => {
  const path = (q.url ?? '/').replace(/\?.*/, '');
  const html = (t, s = 200) => {
    r.writeHead(s, { 'content-type': 'text/html' });
    r.end(t);
  };
  if (path === '/count') return r.end(String(posts));
  if (path === '/login' && q.method === 'GET')
    return html(
      '<h1>Sign in</h1><form method=post action=/login><label>Username <input name=u></label><label>Password <input type=password name=p></label><button>Sign in</button></form>',
    );
  if (path === '/login' && q.method === 'POST') {
    posts += 1;
    if (mode === 'terms')
      return html(
        '<h1>Updated terms of use</h1><p>Please review our updated terms before you continue.</p><form action=/home><button>I accept</button></form>',
      );
    if (mode === 'captcha')
      return html(
        '<h1>One more step</h1><p>Please confirm that you are not a robot</p><div>[ ] I am not a robot</div>',
      );
    if (mode === 'session')
      return html(
        '<h1>You are already signed in on another device</h1><form action=/home><button>Continue here</button></form>',
      );
    return html('<a href=/out>Sign out</a>');
  }
  if (path === '/home')
    return html('<a href=/out>Sign out</a><button onclick="location.href=\'/file\'">Export</button>');
  if (path === '/file') {
    r.writeHead(200, { 'content-type': 'text/csv', 'content-disposition': 'attachment; filename=x.csv' });
    return r.end('Client\r\n');
  }
  html('gone', 404);
}).listen(Number(process.argv[2]), '127.0.0.1');

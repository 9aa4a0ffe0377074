// The whole script of the page: it fetches the secret when it is wanted, and copies texts.

const status = document.querySelector('#status');
const output = document.querySelector('#secret');
const reveal = document.querySelector('#reveal');
const hidden = [...(output?.childNodes ?? [])];

/** Says it to screen readers; a failure also where everybody sees it. */
function say(text, isFailure = false) {
  status.textContent = text;
  status.className = isFailure ? 'notice' : 'unseen';
}

/** The secret, read anew; it is nowhere in the page until then. */
async function fetchSecret() {
  const response = await fetch('/', { headers: { accept: 'application/json' }, cache: 'no-store' });
  const { value, error } = await response.json();
  if (error) throw new Error(error.message);
  return value ?? '';
}

async function toggle() {
  const show = reveal.getAttribute('aria-pressed') === 'false';
  output.replaceChildren(...(show ? [await fetchSecret()] : hidden));
  output.toggleAttribute('data-hidden', !show);
  reveal.setAttribute('aria-pressed', String(show));
  reveal.textContent = show ? 'Hide' : 'Reveal';
  say(show ? 'The secret is shown.' : 'The secret is hidden.');
}

/** The clipboard is there for https and localhost only; elsewhere the older command does it. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch (cause) {
    const field = document.createElement('textarea');
    field.value = text;
    field.className = 'unseen';
    document.body.append(field);
    field.select();
    const done = document.execCommand('copy');
    field.remove();
    if (!done) throw new Error('The browser did not let it be copied.', { cause });
  }
}

async function copyFrom(button) {
  await copy(button.id === 'copy-secret' ? await fetchSecret() : button.dataset.copy);
  const { face = button.textContent } = button.dataset;
  button.dataset.face = face;
  button.textContent = 'Copied';
  say(`${(button.getAttribute('aria-label') ?? face).replace(/^Copy/, 'Copied')}.`);
  setTimeout(() => {
    button.textContent = face;
  }, 1500);
}

document.addEventListener('click', (event) => {
  const button = event.target instanceof Element ? event.target.closest('button') : null;
  if (button === null) return;
  const work = button === reveal ? toggle() : copyFrom(button);
  work.catch((error) => say(error.message, true));
});

// The whole script of the page: it copies texts, and says that a new check-up has begun.

const status = document.querySelector('#status');

/** Says it to screen readers; a failure also where everybody sees it. */
function say(text: string, look: 'unseen' | 'notice' = 'unseen'): void {
  if (status === null) return;
  status.textContent = text;
  status.className = look;
}

/** The clipboard is there for https and localhost only; elsewhere the older command does it. */
async function copy(text: string): Promise<void> {
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
    if (!done) throw new Error('The browser did not allow copying.', { cause });
  }
}

async function copyFrom(button: HTMLElement): Promise<void> {
  const { copy: text = '', face = button.textContent ?? '' } = button.dataset;
  await copy(text);
  button.dataset.face = face;
  button.textContent = 'Copied';
  say(`${(button.getAttribute('aria-label') ?? face).replace(/^Copy/, 'Copied')}.`);
  setTimeout(() => {
    button.textContent = face;
  }, 1500);
}

/** The new page may take some seconds, during which the browser shows the old one. */
function showBusy(link: HTMLElement, event: Event): void {
  if (link.ariaBusy === 'true') event.preventDefault();
  link.ariaBusy = 'true';
  link.textContent = 'Checking…';
  say('Checking again.');
}

document.addEventListener('click', (event) => {
  const target = event.target instanceof Element ? event.target : undefined;
  const button = target?.closest<HTMLElement>('[data-copy]');
  if (button) copyFrom(button).catch((error: Error) => say(error.message, 'notice'));
  const again = target?.closest<HTMLElement>('.again');
  if (again) showBusy(again, event);
});

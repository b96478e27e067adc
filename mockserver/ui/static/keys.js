import {install} from './hotkey.js'
for (const element of document.querySelectorAll('[data-hotkey]')) install(element)
